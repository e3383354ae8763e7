import io
import re
from pathlib import Path

import dotenv
import pytest

from settings.config import Settings
from settings.documents import DocumentSettings
from settings.http import HttpLimits
from settings.pages import PageSettings
from settings.rates import RateLimits

EXAMPLE = Path(__file__).parents[2] / ".env.example"
COMMENT_AND_VARIABLE = re.compile(r"^# (.+)\n#?([A-Z_]+)=(.*)$", re.MULTILINE)


def test_it_names_every_setting_in_the_order_of_its_class_limits_last() -> None:
    names = re.findall(r"^#?([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE)
    mixins = (HttpLimits, PageSettings, DocumentSettings, RateLimits)
    limits = [name for mixin in mixins for name in mixin.model_fields]
    own = [field for field in Settings.model_fields if field not in limits]
    assert names == [field.upper() for field in [*own, *limits]]


def test_each_variable_follows_the_description_of_its_setting() -> None:
    comments = {name: comment for comment, name, _ in COMMENT_AND_VARIABLE.findall(EXAMPLE.read_text())}
    assert comments == {name.upper(): field.description for name, field in Settings.model_fields.items()}


def test_each_value_is_the_default_of_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    stated = "\n".join(f"{name}={value}" for _, name, value in COMMENT_AND_VARIABLE.findall(EXAMPLE.read_text()))
    values = dotenv.dotenv_values(stream=io.StringIO(stated), interpolate=False)
    assert Settings.model_validate({name.lower(): value for name, value in values.items()}) == Settings()
