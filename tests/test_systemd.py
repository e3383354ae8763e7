"""The units that systemd runs the programs by."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from settings.config import EXIT_BAD_SETTINGS, Settings

ROOT = Path(__file__).parents[1]
UNITS = ROOT / "deploy" / "systemd"


def _export(folder: Path) -> dict[str, str]:
    """What `make systemd` would write now."""
    options = ["--app", "postberry", "--user", "postberry", "--shell", "/bin/sh"]
    templates: list[str | Path] = ["--procfile", ROOT / "Procfile", "--template-dir", UNITS / "templates"]
    honcho = Path(sys.executable).with_name("honcho")
    command: list[str | Path] = [honcho, "export", *options, *templates, "systemd", folder]
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return _read(folder)


def _read(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir() if path.is_file()}


def test_the_units_are_those_of_the_procfile(tmp_path: Path) -> None:
    assert _export(tmp_path) == _read(UNITS)


@pytest.mark.parametrize("program", ["api", "worker"])
def test_a_unit_starts_its_program_again_unless_its_settings_are_bad(program: str, settings: Settings) -> None:
    lines = _read(UNITS)[f"postberry-{program}-1.service"].splitlines()
    assert {"Restart=always", f"RestartPreventExitStatus={EXIT_BAD_SETTINGS}", "KillMode=mixed"} <= set(lines)
    (stop,) = [float(line.removeprefix("TimeoutStopSec=")) for line in lines if line.startswith("TimeoutStopSec=")]
    assert stop > settings.stop_grace
    assert ("ExecReload=/bin/kill -HUP $MAINPID" in lines) == (program == "api")


def test_systemd_has_nothing_against_them(tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        return
    for name, unit in _read(UNITS).items():
        (tmp_path / name).write_text(unit.replace("/srv/postberry", str(ROOT)))
    names = [tmp_path / name for name in _read(UNITS)]
    done = subprocess.run([verify, "verify", *names], capture_output=True, text=True, check=False)
    assert "postberry" not in done.stderr
