"""The README's installation, followed to the letter on a fresh Debian with a real systemd."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.readme import installation
from support.tree import ROOT

RECIPE = ROOT.parent / "shared/recipes/systemd-container.sh"
PROGRAMS = ("debootstrap", "systemd-nspawn", "nsenter", "pgrep")
CHECKOUT = Path("/srv/phish-milter")
# The container shares the network: what is installed must not listen on this machine's ports.
NOTHING_STARTS = "#!/bin/sh\nexit 101\n"
NOT_CHECKED_OUT = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__")

pytestmark = pytest.mark.install


def missing() -> str:
    """Return why no container can be built here, or nothing."""
    if os.geteuid() != 0:
        return "only root can boot a container"
    if not RECIPE.is_file():
        return "no ../shared/recipes/systemd-container.sh"
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


@dataclass(frozen=True)
class Container:
    """A booted Debian in a directory tree."""

    tree: Path

    def do(self, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a verb of the recipe; its output and errors come back as one text."""
        return subprocess.run(
            [RECIPE, verb, self.tree, *arguments],
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def must(self, verb: str, *arguments: str) -> str:
        """Return what the verb printed; it has to succeed."""
        result = self.do(verb, *arguments)
        assert result.returncode == 0, result.stdout
        return result.stdout

    def say(self, command: str) -> str:
        """Return what a shell command inside printed, whatever its exit status."""
        return self.do("run", "sh", "-c", command).stdout.strip()


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    """Return a mail server as the README expects one: Debian with Postfix, and a checkout."""
    if reason := missing():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="phish-milter-") as directory:
        container = Container(Path(directory, "tree"))
        container.must("make")
        policy = container.tree / "usr/sbin/policy-rc.d"
        policy.write_text(NOTHING_STARTS)
        policy.chmod(0o755)
        inside = container.tree / CHECKOUT.relative_to("/")
        shutil.copytree(ROOT, inside, ignore=NOT_CHECKED_OUT)
        container.must("up")
        try:
            container.must("run", "apt-get", "update")
            container.must("run", "apt-get", "install", "--yes", "postfix")
            policy.unlink()
            yield container
        finally:
            container.do("down")


@pytest.fixture(scope="module")
def installed(container: Container) -> Container:
    script = f"set -eux\ncd {CHECKOUT}\n{installation()}"
    container.must("run", "sh", "-c", script)
    return container


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ("systemctl is-active phish-milter", "active"),
        ("systemctl is-enabled phish-milter", "enabled"),
        ("systemctl show -P Result phish-milter", "success"),
        ("systemctl show -P NRestarts phish-milter", "0"),
        ("ps -o user:20= -p $(systemctl show -P MainPID phish-milter)", "phish-milter"),
        (
            "stat -c '%U %G %a %F' /var/spool/postfix/phish-milter/milter.sock",
            "phish-milter postfix 660 socket",
        ),
    ],
)
def test_the_service_is_up(installed: Container, command: str, printed: str) -> None:
    journal = installed.say("journalctl --no-pager -u phish-milter | tail -n 20")

    assert installed.say(command) == printed, journal


def test_a_second_time_keeps_the_configuration(installed: Container) -> None:
    configuration = installed.tree / "etc/phish-milter/phish-milter.toml"
    kept = configuration.read_text() + "# mine\n"
    configuration.write_text(kept)

    installed.must("run", "sh", "-c", f"set -eu\ncd {CHECKOUT}\n{installation()}")

    assert configuration.read_text() == kept
    assert installed.say("systemctl is-active phish-milter") == "active"


# A short leash, so that a test lasts seconds where the unit lasts minutes.
WATCHDOG = "[Service]\nWatchdogSec=5\n"


@pytest.fixture
def watched(installed: Container) -> Container:
    """Return the service under a watchdog of five seconds, just started."""
    folder = installed.tree / "etc/systemd/system/phish-milter.service.d"
    folder.mkdir(exist_ok=True)
    (folder / "watchdog.conf").write_text(WATCHDOG)
    installed.must("run", "sh", "-c", "systemctl daemon-reload && systemctl restart phish-milter")
    return installed


def test_frequent_reloads_do_not_get_the_service_killed(watched: Container) -> None:
    show = "systemctl show -P MainPID -P NRestarts phish-milter"
    before = watched.say(show)

    # Three times the leash, and never as long as the leash without a signal.
    reloads = "for n in 1 2 3 4 5; do systemctl reload phish-milter; sleep 3; done"
    watched.must("run", "sh", "-c", reloads)

    journal = watched.say("journalctl --no-pager -u phish-milter | tail -n 30")
    assert watched.say(show) == before, journal
    assert "atchdog" not in journal


def test_a_service_that_hangs_is_restarted(watched: Container) -> None:
    pid = watched.say("systemctl show -P MainPID phish-milter")

    watched.must("run", "sh", "-c", f"kill -STOP {pid}; sleep 15")

    assert watched.say("systemctl is-active phish-milter") == "active"
    assert watched.say("systemctl show -P MainPID phish-milter") != pid
    assert "atchdog timeout" in watched.say("journalctl --no-pager -u phish-milter | tail -n 30")


def test_stopping_leaves_nothing_to_kill(watched: Container) -> None:
    watched.must("run", "sh", "-c", "journalctl --rotate && journalctl --vacuum-time=1s")

    watched.must("run", "timeout", "20", "systemctl", "stop", "phish-milter")

    journal = watched.say("journalctl --no-pager -u phish-milter")
    assert "Killing process" not in journal
    assert watched.say("systemctl show -P Result phish-milter") == "success", journal
    assert watched.say("ps -u phish-milter -o pid= | wc -l") == "0"
