"""The service's unit, user and directory, judged by systemd's own tools and by a real run."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from phish_milter.settings.model import Settings
from support import sandbox
from support.daemon import ORDERED, REAL, ROOT, Daemon
from support.milter_client import MilterClient

UNITS = ROOT / "systemd"
SERVICE = UNITS / "phish-milter.service"
# The project's own limit; systemd calls up to 4 "OK".
MOST_EXPOSED = 2.0

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed"
)


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """Return the unit with a program that exists: verify insists on one."""
    program = tmp_path / "phish-milter"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    unit = tmp_path / SERVICE.name
    unit.write_text(SERVICE.read_text().replace("/opt/phish-milter/bin/phish-milter", str(program)))
    return unit


@needs_systemd
def test_verify_has_nothing_to_say(service: Path) -> None:
    result = run("systemd-analyze", "verify", service)

    assert (result.returncode, result.stdout) == (0, "")


@needs_systemd
def test_exposure(service: Path) -> None:
    result = run("systemd-analyze", "security", "--offline=yes", service)

    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", result.stdout)
    assert found, result.stdout
    assert float(found[1]) <= MOST_EXPOSED, result.stdout


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Type", "notify"),
        ("NotifyAccess", "main"),  # a scanner must not speak for the service
        ("ExecReload", "/bin/kill -HUP $MAINPID"),  # Debian 12 knows no notify-reload
        ("KillMode", "mixed"),  # a TERM to the scanners would end running scans
        ("RestartPreventExitStatus", "2"),  # a bad configuration stays bad
        ("User", "phish-milter"),
        ("ReadWritePaths", "/var/spool/postfix/phish-milter"),
    ],
)
def test_unit_says(name: str, value: str) -> None:
    assert sandbox.read_unit(SERVICE)[name] == [value]


def test_stop_timeout_leaves_time_for_what_is_in_flight() -> None:
    stop = int(sandbox.read_unit(SERVICE)["TimeoutStopSec"][0])

    assert stop > Settings().scanner.deadline_seconds + 15  # libmilter stops within 5 s


@needs_systemd
def test_sysusers_makes_a_user_that_cannot_log_in(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()

    result = run("systemd-sysusers", f"--root={tmp_path}", UNITS / "phish-milter.sysusers")

    assert result.returncode == 0, result.stdout
    line = (tmp_path / "etc/passwd").read_text().strip()
    assert line.startswith("phish-milter:x:")
    assert line.endswith(":/nonexistent:/usr/sbin/nologin")


@needs_systemd
@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give directories away")
def test_tmpfiles_makes_the_directory_of_the_socket(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("phish-milter:x:4711:4711::/:/bin/false\n")
    (tmp_path / "etc/group").write_text("phish-milter:x:4711:\npostfix:x:4712:\n")
    spool = tmp_path / "var/spool/postfix"
    spool.mkdir(parents=True)

    result = run(
        "systemd-tmpfiles", "--create", f"--root={tmp_path}", UNITS / "phish-milter.tmpfiles"
    )

    assert result.returncode == 0, result.stdout
    status = (spool / "phish-milter").stat()
    assert (status.st_uid, status.st_gid) == (4711, 4712)
    assert oct(status.st_mode & 0o7777) == "0o2750"


def confined(daemon: Daemon, code: str) -> Daemon:
    """Start *daemon* under the unit's system call filter, without capabilities."""
    with (daemon.directory / "daemon.log").open("ab") as log:
        daemon.process = subprocess.Popen(
            [
                *(sys.executable, sandbox.__file__, str(SERVICE)),
                *(sys.executable, "-c", code, str(daemon.config)),
            ],
            env=os.environ | {"PYTHONPATH": f"{ROOT / 'milter'}:{ROOT / 'tests'}"},
            stdout=log,
            stderr=log,
        )
    daemon.until(daemon.ready)
    return daemon


@pytest.fixture(scope="module")
def _seccomp() -> None:
    try:
        sandbox.ctypes.CDLL("libseccomp.so.2")
    except OSError:
        pytest.skip("libseccomp2 is not installed")
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")


@pytest.mark.usefixtures("_seccomp")
@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        ("mmap.mmap(-1, 4096, prot=7)", "PermissionError"),  # MemoryDenyWriteExecute
        ("socket.socket(16, 3)", "PermissionError"),  # RestrictAddressFamilies
        ("os.chown('/', 0, 0)", "PermissionError"),  # no capabilities, no @privileged
        ("os.nice(1)", "PermissionError"),  # no @resources
        ("socket.socket(socket.AF_INET6)", ""),
    ],
)
def test_the_sandbox_of_the_next_test_is_one(attempt: str, error: str) -> None:
    code = f"import mmap, os, socket\n{attempt}"

    result = run(sys.executable, sandbox.__file__, SERVICE, sys.executable, "-c", code)

    assert (error in result.stdout) if error else (result.returncode == 0)


@pytest.mark.usefixtures("_seccomp")
@pytest.mark.parametrize("code", [ORDERED, REAL], ids=["small scanner", "real scanner"])
def test_the_service_runs_inside_the_sandbox(tmp_path: Path, code: str) -> None:
    daemon = Daemon(tmp_path, "[site]\ninternal_networks = []\n[scanner]\nworkers = 1\n")
    try:
        confined(daemon, code)
        assert oct(daemon.socket.stat().st_mode & 0o777) == "0o666"  # as configured, not UMask
        with MilterClient(str(daemon.socket)) as client:
            client.connect()
            answer = client.message((b"From", b" a@example.net"), (b"Subject", b" hello"))
        assert answer.code in "ac"
        assert daemon.metric("phish_milter_messages_total") == 1
        assert daemon.metric("phish_milter_failures_total") == 0

        daemon.signal(signal.SIGHUP)
        daemon.until(lambda: daemon.metric("phish_milter_config_generation") == 2)
    finally:
        status = daemon.stop()

    assert status == 0, daemon.log()
