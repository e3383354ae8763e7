"""Plans alone answer from what is kept, whatever EXECUTOR says."""

import pytest

from settings.config import Settings


@pytest.fixture(name="settings")
def _settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"executor": "compiled"})
