"""The Postfix snippet, read by Postfix' own tools."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from phish_milter.settings.model import Settings
from support.prometheus import CONFIG

MAIN = CONFIG / "postfix/main.cf.add"
MASTER = CONFIG / "postfix/master.cf.add"
SYSTEMD = CONFIG.parent / "systemd"

# A master.cf as Debian ships it, with the services that must not be filtered.
DEBIAN_MASTER = """\
smtp      inet  n       -       y       -       -       smtpd
submission inet n       -       y       -       -       smtpd
  -o syslog_name=postfix/submission
submissions     inet  n       -       y       -       -       smtpd
  -o syslog_name=postfix/smtps
127.0.0.1:10025 inet n - y - - smtpd
pickup    unix  n       -       y       60      1       pickup
cleanup   unix  n       -       y       -       0       cleanup
"""

needs_postfix = pytest.mark.skipif(
    shutil.which("postconf") is None, reason="Postfix is not installed"
)
Postconf = Callable[..., str]


@pytest.fixture
def postconf(tmp_path: Path) -> Postconf:
    """Return postconf on a Debian-like configuration with our lines added to main.cf."""
    (tmp_path / "main.cf").write_text(f"compatibility_level = 3.6\n{MAIN.read_text()}")
    (tmp_path / "master.cf").write_text(DEBIAN_MASTER)

    def run(*arguments: str) -> str:
        result = subprocess.run(
            ["postconf", "-c", str(tmp_path), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (result.returncode, result.stderr) == (0, ""), result.stderr
        return result.stdout

    return run


def documented_commands(text: str) -> list[list[str]]:
    """Return the arguments of the postconf commands in the comments of *text*."""
    return [
        [option, argument]
        for option, argument in re.findall(
            r"^# +postconf (-\w) '?([^'(\n]+?)'?(?: *\(.*)?$", text, re.MULTILINE
        )
    ]


def milter_parts(value: str) -> tuple[str, dict[str, str]]:
    """Split ``{ endpoint, name=value, ... }``."""
    endpoint, *pairs = (part.strip() for part in value.strip().strip("{}").split(","))
    return endpoint, dict(pair.split("=", 1) for pair in pairs)


@needs_postfix
def test_main_cf_parses_and_names_the_filter_once(postconf: Postconf) -> None:
    assert set(postconf("-n").split()) >= {"phish_milter", "smtpd_milters"}
    assert postconf("-h", "smtpd_milters").strip() == "$phish_milter"
    assert postconf("-h", "non_smtpd_milters").strip() == ""


@needs_postfix
def test_the_effective_milter(postconf: Postconf) -> None:
    endpoint, parts = milter_parts(postconf("-x", "-h", "smtpd_milters"))

    assert endpoint == "unix:phish-milter/milter.sock"
    assert parts == {
        "default_action": "accept",
        "connect_timeout": "5s",
        "command_timeout": "15s",
        "content_timeout": "30s",
    }
    assert int(parts["content_timeout"].rstrip("s")) > Settings().scanner.deadline_seconds + 5


def test_the_socket_is_the_one_of_settings_and_tmpfiles() -> None:
    path = Settings().socket.removeprefix("unix:/var/spool/postfix/")

    assert f"unix:{path}," in MAIN.read_text()
    directory = f"/var/spool/postfix/{Path(path).parent}"
    assert (
        f"d {directory} 2750 phish-milter postfix"
        in (SYSTEMD / "phish-milter.tmpfiles").read_text()
    )


@needs_postfix
def test_the_commands_of_master_cf_switch_it_off_for_all_but_port_25(postconf: Postconf) -> None:
    commands = documented_commands(MASTER.read_text())
    assert len(commands) == 3

    for command in commands * 2:  # safe to repeat
        postconf(*command)

    off = postconf("-P").splitlines()
    assert sorted(line for line in off if "milters" in line) == [
        "127.0.0.1:10025/inet/smtpd_milters =",
        "submission/inet/smtpd_milters =",
        "submissions/inet/smtpd_milters =",
    ]


@needs_postfix
def test_the_entries_shown_for_master_cf_parse(postconf: Postconf, tmp_path: Path) -> None:
    (tmp_path / "master.cf").write_text(MASTER.read_text())

    services = {line.split()[0] for line in postconf("-M").splitlines() if line[0] != " "}

    assert services == {"submission", "submissions", "127.0.0.1:10025"}
    assert postconf("-P").count("/smtpd_milters =\n") == 3


@needs_postfix
def test_the_commands_of_main_cf_remove_the_filter_again(postconf: Postconf) -> None:
    commands = documented_commands(MAIN.read_text())
    assert [command[0] for command in commands] == ["-e", "-X"]

    for command in commands:
        postconf(*command)

    assert postconf("-h", "smtpd_milters").strip() == ""
    assert "phish_milter" not in postconf("-n")
