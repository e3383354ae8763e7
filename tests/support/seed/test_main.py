import os
import subprocess
import sys
from pathlib import Path

import pytest
from pymongo import MongoClient

from schema.engine import Document
from tests.support.processes import free_port

ROOT = Path(__file__).parents[3]
PRODUCTION = {
    "APP_ENV": "production",
    "REDIS_URL": "redis://127.0.0.1:1",
    "SMTP_URL": "smtp://127.0.0.1:1",
    "JWT_SECRET": "a secret of the tests, 32 characters or more",
}


def seed(folder: Path, db_url: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`make seed`, in a folder of its own."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "DB_URL": db_url} | environment
    argv = [sys.executable, "-m", "tests.support.seed", *arguments]
    return subprocess.run(argv, cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=60)


def _counts(client: MongoClient[Document]) -> dict[str, int]:
    """How many documents there are, where there are any."""
    database = client.get_default_database()
    counts = {name: database[name].count_documents({}) for name in database.list_collection_names()}
    return {name: count for name, count in counts.items() if count}


def test_it_adds_once_and_says_who_can_sign_in(tmp_path: Path, mongodb_url: str) -> None:
    first = seed(tmp_path, mongodb_url, "5")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("Adding demo data: 40 categories, 5 products, 200 people and 10 orders.\n")
    second = seed(tmp_path, mongodb_url, SEED="7")
    assert (second.returncode, second.stderr) == (0, "")
    assert second.stdout == (
        "The demo data is there. "
        "Sign in as admin@example.com (administrator) or customer@example.com, password postberry\n"
    )


def test_a_database_with_products_is_left_alone(tmp_path: Path, mongodb_url: str) -> None:
    with MongoClient[Document](mongodb_url) as client:
        client.get_default_database()["products"].insert_one({"slug": "mine"})
        answer = seed(tmp_path, mongodb_url)
        assert _counts(client) == {"products": 1}
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == "The database has products already, so no demo data is added.\n"


def test_without_products_there_is_nothing_to_add(tmp_path: Path, mongodb_url: str) -> None:
    answer = seed(tmp_path, mongodb_url, PRODUCTS="0")
    assert (answer.returncode, answer.stdout) == (0, "No demo data: PRODUCTS is 0.\n")


def test_production_is_refused_in_one_sentence(tmp_path: Path, mongodb_url: str) -> None:
    answer = seed(tmp_path, mongodb_url, **PRODUCTION)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == ("Demo data has accounts whose password everybody knows: there is none for production.\n")
    with MongoClient[Document](mongodb_url) as client:
        assert _counts(client) == {}


@pytest.mark.parametrize("wrong", [{"PRODUCTS": "many"}, {"PRODUCTS": "-1"}, {"SEED": "x"}, {"PRODUCTS": "99999999"}])
def test_what_is_no_number_is_refused(tmp_path: Path, mongodb_url: str, wrong: dict[str, str]) -> None:
    answer = seed(tmp_path, mongodb_url, **wrong)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("Say it as in: make seed PRODUCTS=1000 SEED=1")


def test_a_mongodb_that_is_away_is_said_in_one_line(tmp_path: Path) -> None:
    answer = seed(tmp_path, f"mongodb://127.0.0.1:{free_port()}/postberry?serverSelectionTimeoutMS=100")
    assert (answer.returncode, answer.stdout) == (75, "")
    assert answer.stderr.startswith("MongoDB does not answer: does it run, and is DB_URL right? 127.0.0.1:")
    assert answer.stderr.count("\n") == 1
