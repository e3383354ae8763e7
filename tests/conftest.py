"""The fixtures every test may use."""

import hypothesis

pytest_plugins = ["tests.support.fixtures", "tests.support.application"]

settings.register_profile(
    "postberry", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # time proves nothing
hypothesis.settings.load_profile("postberry")
