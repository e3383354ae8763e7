"""The fixtures every test may use."""

import hypothesis

pytest_plugins = [
    "tests.support.fixtures",
    "tests.support.application",
    "tests.support.commands",
    "tests.support.s3",
    "tests.support.otlp",
    "tests.support.sockets",
]

_SLOW = [hypothesis.HealthCheck.too_slow]  # on a busy machine, how long an example took says nothing
hypothesis.settings.register_profile("postberry", deadline=None, suppress_health_check=_SLOW)
hypothesis.settings.load_profile("postberry")
