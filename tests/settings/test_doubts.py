import json
import re
from pathlib import Path

import pytest

from tests.settings.test_config import PRODUCTION, ROOT, load

DOUBTS = """
import json
from settings import config
from settings.doubts import doubts
print(json.dumps(doubts(config.load())))
"""
COMPLETE = PRODUCTION | {"PUBLIC_URL": "https://api.example.com", "MAIL_FROM": "shop@example.com"}


def said(folder: Path, **environment: str) -> list[str]:
    done = load(folder, environment, DOUBTS)
    assert (done.returncode, done.stderr) == (0, "")
    return list(json.loads(done.stdout))


def test_a_complete_production_and_a_plain_development_leave_no_doubt(tmp_path: Path) -> None:
    assert said(tmp_path) == []
    (tmp_path / ".env.production").write_text("PORT=8001\n")
    assert said(tmp_path, **COMPLETE) == []


def test_development_beside_settings_for_production_is_doubted(tmp_path: Path) -> None:
    (tmp_path / ".env.production").write_text("APP_ENV=production\n")
    (sentence,) = said(tmp_path)
    assert sentence.startswith("this is development, so .env.production is not read: APP_ENV belongs into")
    assert said(tmp_path, APP_ENV="test") == []


def test_an_app_env_where_it_decides_nothing_is_doubted(tmp_path: Path) -> None:
    (tmp_path / ".env.production").write_text("app_env = production\n")
    (sentence,) = said(tmp_path, **COMPLETE)
    assert sentence.startswith("APP_ENV stands in .env.production")


@pytest.mark.parametrize("name", ["PUBLIC_URL", "MAIL_FROM"])
def test_production_without_what_letters_and_links_need_is_doubted(tmp_path: Path, name: str) -> None:
    (sentence,) = said(tmp_path, **COMPLETE | {name: ""})
    assert sentence.startswith(f"{name} is not set: ")


def test_to_let_other_documents_in_beside_trusted_ones_is_doubted(tmp_path: Path) -> None:
    trusted = COMPLETE | {"TRUSTED_DOCUMENTS": "documents.json"}
    assert said(tmp_path, **trusted) == []
    (sentence,) = said(tmp_path, **trusted | {"ALLOW_DEBUG": "true"})
    assert sentence.startswith("ALLOW_DEBUG lets anybody send other documents")


def test_the_sample_in_the_notes_is_complete_but_for_its_secrets(tmp_path: Path) -> None:
    (sample,) = re.findall(r"```ini\n(.*?)```", (ROOT / "DEPLOYMENT-NOTES.md").read_text(), re.DOTALL)
    (tmp_path / ".env.production").write_text(sample.replace("_SECRET=", f"_SECRET={'s' * 32}"))
    assert said(tmp_path, APP_ENV="production") == []
