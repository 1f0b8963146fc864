"""tools/setup.sh on machines where it has to say no, or has nothing to do."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support.tree import ROOT

# A machine where nothing of ours is installed but one mail server; apt-get tells on itself.
DPKG_QUERY = """\
case "$*" in
*Package*) printf '%s' "$INSTALLED" ;;
*-S*) exit "${OWNS_SENDMAIL:-0}" ;;
*) exit 1 ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a copy of the script beside stand-ins for Debian's tools."""
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools/setup.sh", tmp_path / "tools")
    programs = {"dpkg-query": DPKG_QUERY, "sudo": "exit 1", "id": 'echo "$USER_ID"'}
    for program in ("apt-get", "debconf-set-selections", "systemctl"):
        programs[program] = f'echo "{program} $*" >>{tmp_path}/called\n'
    (tmp_path / "bin").mkdir()
    for name, text in programs.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{text}")
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path


def setup(machine: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [machine / "tools/setup.sh", *arguments],
        env={"PATH": f"{machine / 'bin'}:{os.environ['PATH']}", "USER_ID": "0"} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("installed", "named"),
    [
        ("installed|exim4-daemon-light|exim4-localscanapi-4.2, mail-transport-agent\n", "exim4"),
        ("installed|sendmail-bin|default-mta, mail-transport-agent\n", "sendmail-bin"),
        ("installed|nullmailer|mail-transport-agent\n", "nullmailer"),
    ],
)
def test_another_mail_server_is_left_alone(machine: Path, installed: str, named: str) -> None:
    result = setup(machine, "run", INSTALLED=installed)

    assert result.returncode == 1
    assert named in result.stderr
    assert "Nothing was changed" in result.stderr
    assert not (machine / "called").exists()


@pytest.mark.parametrize(
    "installed",
    [
        "config-files|exim4-daemon-light|mail-transport-agent\n",  # removed long ago
        "installed|bsd-mailx|mail-reader, mailx\n",  # needs one, is none
    ],
)
def test_what_is_no_mail_server_does_not_stop_it(machine: Path, installed: str) -> None:
    result = setup(machine, "run", INSTALLED=installed, USER_ID="1000")

    assert "Nothing was changed" not in result.stderr
    assert "please run as root" in result.stderr


def test_without_rights_it_says_what_to_run_and_does_not_ask(machine: Path) -> None:
    result = setup(machine, "test", INSTALLED="", USER_ID="1000")

    assert result.returncode == 1
    assert "apt-get install --no-install-recommends" in result.stderr
    assert " postfix " in result.stderr
    assert " prometheus " in result.stderr
    assert not (machine / "called").exists()


def test_running_needs_less_than_testing(machine: Path) -> None:
    result = setup(machine, "run", INSTALLED="", USER_ID="1000")

    assert " libmilter-dev " in result.stderr
    assert "prometheus" not in result.stderr


def test_an_unknown_set_is_refused(machine: Path) -> None:
    result = setup(machine, "nonsense")

    assert (result.returncode, "usage" in result.stderr) == (1, True)
