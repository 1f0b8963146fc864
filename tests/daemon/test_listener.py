import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from phish_milter.daemon import listener
from phish_milter.settings.model import Settings
from phish_milter.settings.types import SocketAddress

NOBODY = 65534


def unix(path: Path) -> SocketAddress:
    return SocketAddress("unix", path=str(path))


def test_a_free_path_is_claimed(tmp_path: Path) -> None:
    listener.claim(unix(tmp_path / "s"))


def test_a_dead_socket_is_removed(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "s"))
    listener.claim(unix(tmp_path / "s"))

    assert not (tmp_path / "s").exists()


def test_a_living_socket_stays(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as living:
        living.bind(str(tmp_path / "s"))
        living.listen()

        with pytest.raises(listener.SocketError, match="another process answers"):
            listener.claim(unix(tmp_path / "s"))
    assert (tmp_path / "s").is_socket()


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("file", "is not a socket"),  # somebody's file
        ("link", "is not a socket"),  # wherever it leads
        ("none/s", "directory .* does not exist"),
        ("file/s", "Not a directory"),
    ],
)
def test_anything_else_is_left_alone(tmp_path: Path, name: str, complaint: str) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("file")

    with pytest.raises(listener.SocketError, match=complaint):
        listener.claim(unix(tmp_path / name))
    assert (tmp_path / "file").read_text() == "mine"


@pytest.fixture
def anybody() -> Iterator[Path]:
    """Yield a directory that all may enter, and be no superuser while it is used."""
    root = os.geteuid() == 0
    group, groups = os.getegid(), os.getgroups()
    with TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        (directory / "inner/most").mkdir(parents=True)
        if root:
            os.setgroups([])
            os.setegid(NOBODY)
            os.seteuid(NOBODY)
        try:
            yield directory
        finally:
            if root:
                os.seteuid(0)
                os.setegid(group)
                os.setgroups(groups)
            (directory / "inner").chmod(0o755)
            (directory / "inner/most").chmod(0o755)


@pytest.mark.parametrize(
    ("shut", "mode", "complaint"),
    [
        ("inner/most", 0o555, "cannot be written to"),
        ("inner/most", 0o666, "cannot be written to"),
        ("inner", 0o600, "cannot be entered"),  # the parent of the directory
    ],
)
def test_the_directory_the_user_and_the_missing_right_are_told(
    anybody: Path, shut: str, mode: int, complaint: str
) -> None:
    directory = anybody / shut
    _chmod_as_owner(directory, mode)

    with pytest.raises(listener.SocketError) as told:
        listener.claim(unix(anybody / "inner/most/s"))

    assert re.search(
        rf"Permission denied: directory {directory} \(uid .*, gid .*, mode {mode:o}\)"
        rf" {complaint} by uid {os.geteuid()}\b.* with gid {os.getegid()}\b",
        str(told.value),
    )


def _chmod_as_owner(directory: Path, mode: int) -> None:
    """Change the mode of what whoever started the tests owns."""
    effective, real = os.geteuid(), os.getuid()
    os.seteuid(real)
    directory.chmod(mode)
    os.seteuid(effective)


def test_a_path_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(listener.SocketError, match="path too long"):
        listener.claim(unix(tmp_path / ("s" * 108)))


@pytest.mark.parametrize(
    ("family", "number", "host"),
    [("inet", socket.AF_INET, "127.0.0.1"), ("inet6", socket.AF_INET6, "::1")],
)
def test_a_busy_port_is_told(family: str, number: int, host: str) -> None:
    with socket.socket(number) as busy:
        try:
            busy.bind((host, 0))
        except OSError:
            pytest.skip(f"no {family} on this machine")
        busy.listen()
        port = busy.getsockname()[1]

        with pytest.raises(listener.SocketError, match=f"port {port}: Address already in use"):
            listener.claim(SocketAddress(family, host=host, port=port))
    listener.claim(SocketAddress(family, host=host, port=port))


def test_mode_and_group_are_given_before_anybody_can_connect(tmp_path: Path) -> None:
    path = tmp_path / "s"
    settings = Settings(socket=f"unix:{path}", socket_mode="620")
    with socket.socket(socket.AF_UNIX) as ours, listener.owned(settings):
        ours.bind(str(path))
        assert path.stat().st_mode & 0o777 == 0o600

    assert path.stat().st_mode & 0o777 == 0o620


def test_a_group_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "s"
    settings = Settings(socket=f"unix:{path}", socket_group="no-such-group")
    with (
        pytest.raises(listener.SocketError, match="no group no-such-group"),
        socket.socket(socket.AF_UNIX) as ours,
        listener.owned(settings),
    ):
        ours.bind(str(path))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a group that it can lay down")
def test_a_group_that_the_user_is_no_member_of(anybody: Path) -> None:
    _chmod_as_owner(anybody, 0o777)
    path = anybody / "s"
    settings = Settings(socket=f"unix:{path}", socket_group="root")
    with (
        pytest.raises(listener.SocketError, match=f"to group root: uid {NOBODY}.* is no member"),
        socket.socket(socket.AF_UNIX) as ours,
        listener.owned(settings),
    ):
        ours.bind(str(path))


def test_release_is_harmless_twice(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as ours:
        ours.bind(str(tmp_path / "s"))
    listener.release(unix(tmp_path / "s"))
    listener.release(unix(tmp_path / "s"))

    assert not (tmp_path / "s").exists()


@contextmanager
def somebody(number: int, place: object, answer: bytes | None) -> Iterator[socket.socket]:
    """One who listens at *place*, reads the first packet and says *answer*; None: hangs."""

    def serve() -> None:
        caller = server.accept()[0]
        with caller:
            caller.recv(17, socket.MSG_WAITALL)
            caller.sendall(answer or b"")
            if answer:
                caller.recv(5)  # until the caller has had enough

    with socket.socket(number) as server:
        try:
            server.bind(place)
        except OSError:
            pytest.skip("no such address here")
        server.listen()
        if answer is not None:
            threading.Thread(target=serve, daemon=True).start()
        yield server


OPTIONS = b"\0\0\0\x0dO" + b"\0" * 12


@pytest.mark.parametrize(
    ("answer", "well"),
    [
        (OPTIONS, True),
        (b"\0\0\0\x01r", False),  # wants nothing any more
        (b"\0\0\0", False),  # died at it
        (b"", False),
        (None, False),  # the kernel accepts, and that is all
    ],
)
def test_only_a_milter_that_answers_greets(
    tmp_path: Path, answer: bytes | None, well: bool
) -> None:
    started = time.monotonic()
    with somebody(socket.AF_UNIX, str(tmp_path / "s"), answer):
        assert listener.greets(unix(tmp_path / "s"), 0.5) == well
    assert time.monotonic() - started < 5


def test_nobody_greets_where_there_is_no_socket(tmp_path: Path) -> None:
    assert not listener.greets(unix(tmp_path / "s"), 0.5)


@pytest.mark.parametrize(
    ("family", "number", "bound", "host"),
    [
        ("inet", socket.AF_INET, "127.0.0.1", "127.0.0.1"),
        ("inet", socket.AF_INET, "127.0.0.1", "0.0.0.0"),  # a milter for all addresses
        ("inet6", socket.AF_INET6, "::1", "::1"),
        ("inet6", socket.AF_INET6, "::1", "::"),
    ],
)
def test_a_port_can_be_asked(family: str, number: int, bound: str, host: str) -> None:
    with somebody(number, (bound, 0), OPTIONS) as server:
        port = server.getsockname()[1]
        assert listener.greets(SocketAddress(family, host=host, port=port), 2.0)
