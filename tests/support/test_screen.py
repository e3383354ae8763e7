from pathlib import Path

import httpx

from tests.support.checkout import checked_out
from tests.support.runs import Run
from tests.support.waiting import until


def test_a_line_has_one_time_and_what_the_runner_asks_itself_is_in_the_file_only(tmp_path: Path) -> None:
    run = Run(checked_out(tmp_path / "postberry").folder, PYTHONPATH="", APP_ENV="development")
    with run.started():
        run.await_urls()
        httpx.get(f"http://127.0.0.1:{run.port}/live", headers={"X-Request-ID": "asked-by-hand"}).raise_for_status()
        until(lambda: run.said("asked-by-hand"), "What somebody else asked", 10)
        assert run.said(r"(?m)^ api +\| (\S+ \[info +\] request +\S+ requestId=\S+ method=GET path=/live status=200)")
        assert run.said("path=/ready") == []
    assert '"path":"/ready"' in (run.folder / "logs" / "app.log").read_text()
