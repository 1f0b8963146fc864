"""The socket that Postfix connects to: is it free, and whom does it belong to."""

import errno
import grp
import os
import pwd
import shutil
import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from phish_milter.settings.model import Settings
from phish_milter.settings.types import SocketAddress

# A milter that is alive accepts at once; the kernel does it even when it is busy.
ANSWER_SECONDS = 2.0
# SMFIC_OPTNEG of libmilter's mfdef.h as Postfix sends it: version 6, all actions, all steps.
_OPTIONS = struct.pack(">IcIII", 13, b"O", 6, 0x1FF, 0x1FFFFF)
_QUIT = struct.pack(">Ic", 1, b"Q")


class SocketError(Exception):
    """The socket cannot be used; the text says why and names it."""


def claim(address: SocketAddress) -> None:
    """
    Make sure that *address* can be bound; raises SocketError.

    A Unix socket that a dead process left behind is removed, one that somebody answers
    on and anything that is no socket is not.
    """
    if address.family == "unix":
        _claim_path(Path(address.path))
    else:
        _try_bind(address)


def _claim_path(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        _try_bind_path(path)
        return
    except OSError as error:
        raise SocketError(_refusal(path, error)) from None
    if not stat.S_ISSOCK(mode):
        raise SocketError(f"{path}: exists and is not a socket")
    if _answers(path):
        raise SocketError(f"{path}: another process answers on this socket")
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise SocketError(_refusal(path, error)) from None
    _try_bind_path(path)


def _try_bind_path(path: Path) -> None:
    """Bind and let go: see ``_try_bind()``.  Nobody listens, so to clients nothing is there."""
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.bind(str(path))
        path.unlink()
    except OSError as error:
        raise SocketError(_refusal(path, error)) from None


def _refusal(path: Path, error: OSError) -> str:
    """Say why the system did not let us have *path*, and which directory is to be mended."""
    reason = f"{path}: {error.strerror or error}"
    if not isinstance(error, FileNotFoundError | PermissionError):
        return reason
    for directory in reversed(path.absolute().parents):
        if not os.path.exists(directory):  # noqa: PTH110 - Path.exists raises behind a closed one
            return f"{path}: directory {directory} does not exist"
        needed = os.W_OK | os.X_OK if directory == path.absolute().parent else os.X_OK
        if not os.access(directory, needed, effective_ids=True):
            verb = "be written to" if needed & os.W_OK else "be entered"
            return f"{reason}: {_described(directory)} cannot {verb} by {_ourselves()}"
    return reason


def _described(directory: Path) -> str:
    found = directory.stat()
    owners = f"{_user(found.st_uid)}, {_group(found.st_gid)}"
    return f"directory {directory} ({owners}, mode {stat.S_IMODE(found.st_mode):o})"


def _ourselves() -> str:
    groups = sorted({os.getegid(), *os.getgroups()})
    return f"{_user(os.geteuid())} with {', '.join(map(_group, groups))}"


def _user(number: int) -> str:
    """Return *number* and, where it has one, its name: a container need not know all users."""
    try:
        return f"uid {number} ({pwd.getpwuid(number).pw_name})"
    except KeyError:
        return f"uid {number}"


def _group(number: int) -> str:
    try:
        return f"gid {number} ({grp.getgrgid(number).gr_name})"
    except KeyError:
        return f"gid {number}"


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(ANSWER_SECONDS)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError as error:  # a full backlog, missing rights: not provably dead
            if error.errno not in (errno.EAGAIN, errno.EACCES, errno.EPERM, errno.ETIMEDOUT):
                raise SocketError(f"{path}: {error.strerror or error}") from None
    return True


def greets(address: SocketAddress, seconds: float) -> bool:
    """
    Whether a milter at *address* answers the first words of an MTA within *seconds*.

    Options are negotiated and the connection is ended before a client is named, so that
    it is none for those who count connections.
    """
    family = {"unix": socket.AF_UNIX, "inet": socket.AF_INET, "inet6": socket.AF_INET6}
    place = address.path if address.family == "unix" else (address.host, address.port)
    try:
        with socket.socket(family[address.family], socket.SOCK_STREAM) as probe:
            probe.settimeout(seconds)
            probe.connect(place)
            probe.sendall(_OPTIONS)
            answer = probe.recv(5, socket.MSG_WAITALL)
            probe.sendall(_QUIT)
    except OSError:
        return False
    return answer[4:] == b"O"


def _try_bind(address: SocketAddress) -> None:
    """Bind and let go, because libmilter would tell the reason to syslog only."""
    family = socket.AF_INET6 if address.family == "inet6" else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address.host, address.port))
    except OSError as error:
        raise SocketError(f"{address.host} port {address.port}: {error.strerror}") from None


@contextmanager
def owned(settings: Settings) -> Iterator[None]:
    """
    Give the Unix socket that is opened in this context its mode and group.

    Nobody else can connect before both are right.  Raises SocketError.
    """
    address = settings.socket_address
    if address.family != "unix":
        yield
        return
    before = os.umask(0o177)
    try:
        yield
    finally:
        os.umask(before)
    try:
        if settings.socket_group:
            shutil.chown(address.path, group=settings.socket_group)
        Path(address.path).chmod(settings.socket_mode_bits)
    except LookupError:
        raise SocketError(f"{address.path}: no group {settings.socket_group}") from None
    except PermissionError:
        raise SocketError(
            f"{address.path}: cannot be given to group {settings.socket_group}: {_ourselves()}"
            " is no member of it"
        ) from None
    except OSError as error:
        raise SocketError(f"{address.path}: {error.strerror}") from None


def release(address: SocketAddress) -> None:
    """Remove the Unix socket on the way out."""
    if address.family == "unix":
        with suppress(OSError):
            Path(address.path).unlink()
