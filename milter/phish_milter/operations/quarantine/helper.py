"""
``phish-milter-helper``: the only program with root; it asks Postfix and does four things.

It listens on a unix socket, from systemd or made here, and looks at the user id of whoever
connects: root and the reviewers may do everything, viewers may list.  No shell, no network, no
configuration file, and the standard library only.
"""

import argparse
import grp
import json
import os
import pwd
import signal
import socket
import struct
import sys
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from phish_milter.operations.quarantine.postfix_queue import PostfixQueue, QueueError
from phish_milter.operations.quarantine.protocol import (
    MOST_REQUEST,
    ProtocolError,
    Request,
    Word,
    line,
)

_DEFAULT_SOCKET = "/run/phish-milter/helper.sock"
_FIRST_PASSED = 3  # sd_listen_fds(3)
_MOST_AT_ONCE = 16
_IDLE_SECONDS = 10
_SEND_SECONDS = 60
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: unix(7), SO_PEERCRED


class DeniedError(Exception):
    """Whoever asks has no right to."""


@dataclass(frozen=True, slots=True)
class Rights:
    """
    Who may ask for what.

    Attributes:
        reviewers: Names of users, and of groups with ``@`` before, that may do everything.
        viewers: The same for those that may only list.
    """

    reviewers: frozenset[str]
    viewers: frozenset[str]

    def demand(self, uid: int, word: Word) -> None:
        """
        Look up, now because groups change, whether the user *uid* may ask for *word*.

        Raises:
            DeniedError: It may not.
        """
        allowed = self.reviewers | self.viewers if word is Word.LIST else self.reviewers
        if uid != 0 and allowed.isdisjoint(_names(uid)):
            _log("denied", uid=uid, word=word)
            raise DeniedError(f"user {uid} may not ask the helper to {word}")


class Helper:
    """
    Answers one connection after the other, some at once; acts are one after the other.

    Args:
        queues: The queues by configuration directory.
        rights: Who may ask.
    """

    def __init__(self, queues: Sequence[PostfixQueue], rights: Rights) -> None:
        self._queues = {queue.instance: queue for queue in queues}
        self._rights = rights
        self._places = threading.BoundedSemaphore(_MOST_AT_ONCE)
        self._acting = threading.Lock()

    def serve(self, listener: socket.socket) -> None:
        """Answer until *listener* is closed."""
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self._places.acquire()
            threading.Thread(target=self._in_turn, args=(connection,), daemon=True).start()

    def _in_turn(self, connection: socket.socket) -> None:
        try:
            with connection:
                connection.settimeout(_IDLE_SECONDS)
                self._answer(connection)
        except OSError as error:
            _log("connection", error=str(error))
        finally:
            self._places.release()

    def _answer(self, connection: socket.socket) -> None:
        peer = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        _, uid, _ = _CREDENTIALS.unpack(peer)
        try:
            request = Request.from_line(_line_of(connection), self._queues)
            connection.settimeout(_SEND_SECONDS)
            self._rights.demand(uid, request.word)
            body = self._do(connection, request, uid)
        except (ProtocolError, QueueError, DeniedError) as error:
            connection.sendall(line({"end": True, "error": str(error)}))
        else:
            connection.sendall(line({"end": True, "bytes": len(body)}) + body)

    def _do(self, connection: socket.socket, request: Request, uid: int) -> bytes:
        """Do what is asked, send what comes before the end, and return what follows it."""
        if request.word is Word.LIST:
            for queue in self._queues.values():
                for mail in queue.held():
                    connection.sendall(line(mail.to_json()))
        elif request.word is Word.SHOW:
            return self._queues[request.mails[0].instance].show(request.mails[0])
        else:
            self._act(connection, request, uid)
        return b""

    def _act(self, connection: socket.socket, request: Request, uid: int) -> None:
        with self._acting:
            for instance, queue in self._queues.items():
                mails = [mail for mail in request.mails if mail.instance == instance]
                results = queue.act(request.word, mails) if mails else {}
                for queue_id, result in results.items():
                    _log(request.word, uid=uid, queue_id=queue_id, result=result)
                    about = {"instance": instance, "queue_id": queue_id, "result": result}
                    connection.sendall(line(about))


def _line_of(connection: socket.socket) -> bytes:
    """Return the first line that comes."""
    with connection.makefile("rb") as stream:
        found = stream.readline(MOST_REQUEST + 1)
    if not found.endswith(b"\n"):
        raise ProtocolError(f"expected a line of at most {MOST_REQUEST} bytes")
    return found


def _names(uid: int) -> frozenset[str]:
    """Return the name of a user and, with ``@`` before, those of its groups."""
    try:
        user = pwd.getpwuid(uid)
    except KeyError:
        return frozenset()
    groups = os.getgrouplist(user.pw_name, user.pw_gid)
    known = {entry.gr_gid: entry.gr_name for entry in grp.getgrall()}
    return frozenset({user.pw_name} | {f"@{known[gid]}" for gid in groups if gid in known})


def _log(event: str, **fields: object) -> None:
    """Write a line of JSON to the journal: ASCII, so that nothing in it moves a terminal."""
    sys.stderr.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stderr.flush()


def _listener(path: str, mode: int) -> socket.socket:
    """Return the socket that systemd passed, or one made at *path*."""
    passed = os.environ.get("LISTEN_PID") == str(os.getpid())
    if passed and os.environ.get("LISTEN_FDS") == "1":
        return socket.socket(fileno=_FIRST_PASSED)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        if probe.connect_ex(path) == 0:
            raise OSError(f"{path}: another helper listens there")
    Path(path).unlink(missing_ok=True)
    previous = os.umask(0o777 & ~mode)
    try:
        made.bind(path)
    finally:
        os.umask(previous)
    made.listen(_MOST_AT_ONCE)
    return made


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="phish-milter-helper",
        description="Lists, shows, releases and deletes held mail for phish-milter. Runs as root.",
    )
    parser.add_argument(
        "--socket", default=_DEFAULT_SOCKET, help="where to listen unless systemd passes a socket"
    )
    parser.add_argument(
        "--socket-mode", default="0660", type=lambda text: int(text, 8), help="of that socket"
    )
    parser.add_argument(
        "--reviewer",
        action="append",
        default=[],
        metavar="USER|@GROUP",
        help="who may do everything besides root; may be repeated",
    )
    parser.add_argument(
        "--viewer",
        action="append",
        default=[],
        metavar="USER|@GROUP",
        help="who may only list; may be repeated",
    )
    parser.add_argument(
        "--postfix-config",
        action="append",
        default=[],
        metavar="DIRECTORY",
        help="configuration of a Postfix instance, as in postqueue -c; may be repeated",
    )
    parser.add_argument("--postfix-user", default="postfix", help="who may read queue files")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until TERM; returns the exit status."""
    given = _parsed(arguments)
    instances: Collection[str] = given.postfix_config or [""]
    queues = [PostfixQueue(instance, given.postfix_user) for instance in instances]
    rights = Rights(frozenset(given.reviewer), frozenset(given.viewer))
    try:
        listener = _listener(given.socket, given.socket_mode)
    except OSError as error:
        sys.stderr.write(f"phish-milter-helper: {given.socket}: {error}\n")
        return 1

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    _log("listening", instances=list(instances))
    with listener:
        Helper(queues, rights).serve(listener)
    return 0


if __name__ == "__main__":
    sys.exit(main())
