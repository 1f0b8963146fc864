"""Files that a configuration names, as the service's user finds them."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from phish_milter.operations.doctor.access import Account
from phish_milter.operations.doctor.files import doubtful, forbidden
from phish_milter.settings.load import parse_settings
from phish_milter.settings.model import Settings
from phish_milter.settings.nameservers import Resolvable, resolvable
from support.tree import ROOT

OTHER = "nobody"
PROGRAM = "from phish_milter.cli.main import main; main()"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask as somebody else")


@pytest.fixture(autouse=True)
def _reachable(tmp_path: Path) -> None:
    for directory in (tmp_path, *tmp_path.parents):
        if directory.owner() == "root" and directory != Path("/"):
            directory.chmod(directory.stat().st_mode | 0o755)


def settings(directory: Path, text: str) -> Settings:
    text = f'socket = "unix:run/milter.sock"\n[dns]\nnameservers = ["127.0.0.1"]\n{text}'
    return parse_settings(text, directory / "c.toml")


def told(directory: Path, text: str = "") -> list[str]:
    account = Account.named(OTHER) or Account.present()
    return list(doubtful(Resolvable(settings(directory, text)), account))


@needs_root
def test_the_configuration_itself_must_be_readable(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.touch(0o600)
    account = Account.named(OTHER)
    assert account

    (problem,) = forbidden(settings(tmp_path, ""), account, config)

    assert problem.startswith(f"{config}: nobody cannot read {config} (root:root, mode 0600)")


@needs_root
def test_packs_must_be_readable(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "acme.toml").touch(0o600)
    account = Account.named(OTHER)
    assert account

    (problem,) = forbidden(settings(tmp_path, '[brands]\ndirectories = ["packs"]'), account, None)

    assert problem.startswith("[brands] directories: item 1: nobody cannot read ")


def test_a_pack_that_replaces_and_one_that_is_not_in_use(tmp_path: Path) -> None:
    (tmp_path / "packs").mkdir()
    for name in ("pypi", "acme"):
        (tmp_path / "packs" / f"{name}.toml").touch()

    lines = [line for line in told(tmp_path, '[brands]\ndirectories = ["packs"]') if "[br" in line]

    assert lines == [
        (
            f"[brands] enabled: {tmp_path}/packs/acme.toml is not in use; a pack's file name is "
            "its id, and 'acme' is not enabled"
        ),
        f"[brands] directories: {tmp_path}/packs/pypi.toml replaces the shipped pack 'pypi'",
    ]


def test_feeds_are_opened(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("bad.example\nnot a host\n")
    (tmp_path / "empty.txt").write_text("# nothing\n")
    text = "".join(
        f'[[feeds]]\nname = "{name}"\npath = "{name}.txt"\n' for name in ("bad", "empty", "gone")
    )

    lines = [line for line in told(tmp_path, text) if line.startswith("[[feeds]]")]

    assert lines[0].startswith(f"[[feeds]] bad: {tmp_path}/bad.txt:2: ")
    assert lines[1:] == [
        f"[[feeds]] bad: {tmp_path}/bad.txt: 1 lines ignored",
        f"[[feeds]] empty: {tmp_path}/empty.txt has no entry",
    ]


@needs_root
def test_a_feed_that_the_service_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("bad.example\n")
    (tmp_path / "bad.txt").chmod(0o640)

    lines = told(tmp_path, '[[feeds]]\nname = "bad"\npath = "bad.txt"\n')

    assert f"[feeds] path: nobody cannot read {tmp_path}/bad.txt (root:root, mode 0640)" in lines


def test_a_socket_without_directory(tmp_path: Path) -> None:
    (line,) = told(tmp_path)

    assert line == f"socket: {tmp_path}/run does not exist; the service will not start"


@needs_root
@pytest.mark.parametrize(
    ("mode", "text", "closed"),
    [
        (0o2755, "", True),  # set-gid, but the group is not one of Postfix'
        (0o0755, "", True),
        (0o0755, 'socket_mode = "666"', False),
        (0o0755, 'socket_group = "postfix"', False),
    ],
)
def test_whether_postfix_may_connect(tmp_path: Path, mode: int, text: str, closed: bool) -> None:
    account, mta = Account.named(OTHER), Account.named("postfix")
    if not mta or not account:
        pytest.skip("no user postfix here")
    run = tmp_path / "run"
    run.mkdir()
    os.chown(run, account.uid, 0)
    run.chmod(mode)
    found = parse_settings(
        f'socket = "unix:run/milter.sock"\n{text}\n[dns]\nnameservers = ["127.0.0.1"]',
        tmp_path / "c.toml",
    )

    lines = [line for line in doubtful(Resolvable(found), account) if line.startswith("socket:")]

    assert (
        [line.partition(": the")[0] for line in lines] == ["socket: postfix cannot connect"]
    ) == closed


@needs_root
def test_a_socket_directory_that_the_service_cannot_write_to_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(0o755)
    account = Account.named(OTHER)
    assert account

    (problem,) = forbidden(settings(tmp_path, ""), account, None)

    assert problem == (
        f"socket: nobody cannot write to {tmp_path}/run (root:root, mode 0755); "
        "the service will not start"
    )


def test_a_socket_directory_that_is_yet_to_be_made_is_no_error(tmp_path: Path) -> None:
    assert list(forbidden(settings(tmp_path, ""), Account.present(), None)) == []


@needs_root
def test_the_file_that_names_the_resolvers_is_looked_at(tmp_path: Path) -> None:
    resolv = tmp_path / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\n")
    resolv.chmod(0o600)
    account = Account.named(OTHER)
    assert account

    lines = list(doubtful(resolvable(Settings(), resolv), account))

    assert f"{resolv}: nobody cannot read {resolv} (root:root, mode 0600)" in lines


@needs_root
def test_a_link_into_a_closed_directory_is_noticed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(0o700)
    (closed / "list.txt").write_text("bad.example\n")
    (tmp_path / "list.txt").symlink_to("closed/list.txt")

    lines = told(tmp_path, '[[feeds]]\nname = "list"\npath = "list.txt"\n')

    assert f"[feeds] path: nobody cannot enter {closed} (root:root, mode 0700)" in lines


@needs_root
def test_who_may_not_look_is_told_so_without_a_traceback(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "packs").mkdir(parents=True)
    (closed / "list.txt").write_text("bad.example\n")
    closed.chmod(0o700)
    config = tmp_path / "c.toml"
    config.write_text(
        'socket = "unix:closed/milter.sock"\n[brands]\ndirectories = ["closed/packs"]\n'
        '[[feeds]]\nname = "list"\npath = "closed/list.txt"\n[dns]\nnameservers = ["127.0.0.1"]\n'
    )
    user = pwd.getpwnam(OTHER)

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "check-config", "--config", config],
        capture_output=True,
        text=True,
        check=False,
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
        env={"PYTHONPATH": str(ROOT / "milter"), "PYTHONDONTWRITEBYTECODE": "1"},
    )

    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert f"{closed}/packs: cannot be read: Permission denied" in done.stderr
