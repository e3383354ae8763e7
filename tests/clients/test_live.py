"""What is told of a server that is broken, in a copy of the project that has such a one."""

from pathlib import Path

import pytest

from tests.support.checkout import Checkout, checked_out

LIVE = "import sys; from clients import live; sys.exit(not all(live.checked(['shopping'])))"
RUNS = {"clients": f'.venv/bin/python -c "{LIVE}"', "audit": ".venv/bin/python -m audit graphql-http"}


@pytest.fixture
def broken(tmp_path: Path) -> Checkout:
    """A copy of the project in which nothing can be ordered."""
    checkout = checked_out(tmp_path / "postberry")
    path, line = "schema/orders/mutations.py", "return _payload(await placing.place("
    text = checkout.text(path)
    assert line in text
    checkout.write(path, text.replace(line, f'raise RuntimeError("The till is closed.")\n        {line}'))
    return checkout


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS.keys())
def test_a_server_on_which_nothing_can_be_ordered_is_a_finding(broken: Checkout, run: str) -> None:
    done = broken.run(run)
    assert (done.returncode, done.stderr) == (1, "")
    found, answer = done.stdout.splitlines()
    assert found.startswith("FOUND shop          there is no shop to ask: it refuses to be filled")
    assert "orderPlace" in answer
    assert "Traceback" not in answer
