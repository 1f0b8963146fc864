"""The socket that Postfix connects to: is it free, and whom does it belong to."""

import errno
import os
import shutil
import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from phish_milter.settings import Settings, SocketAddress

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
        if not path.parent.is_dir():
            raise SocketError(f"{path}: directory {path.parent} does not exist") from None
        return
    except OSError as error:
        raise SocketError(f"{path}: {error.strerror}") from None
    if not stat.S_ISSOCK(mode):
        raise SocketError(f"{path}: exists and is not a socket")
    if _answers(path):
        raise SocketError(f"{path}: another process answers on this socket")
    with suppress(FileNotFoundError):
        path.unlink()


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
    except OSError as error:
        raise SocketError(f"{address.path}: {error.strerror}") from None


def release(address: SocketAddress) -> None:
    """Remove the Unix socket on the way out."""
    if address.family == "unix":
        with suppress(OSError):
            Path(address.path).unlink()
