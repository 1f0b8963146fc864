"""What the hold queue holds, and wishes about it, asked of the helper; needs no right itself."""

import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

from phish_milter.operations.quarantine.protocol import (
    MOST_BODY,
    MOST_MAILS,
    ProtocolError,
    QueuedMail,
    Request,
    Result,
    Word,
    parsed,
)

# A thousand mails to release, or the slowest listing, each with a margin.
_SECONDS = 180
_CONNECT_SECONDS = 5
_MOST_LINE = 1 << 20


class HelperError(Exception):
    """The helper cannot be asked, or says no; the message says what to do."""


class HoldQueue:
    """
    Postfix' hold queue, as the helper at *path* tells of it.

    Args:
        path: Its socket, ``[quarantine] helper``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def mails(self) -> list[QueuedMail]:
        """
        Return what is on hold, oldest first, whoever put it there.

        Raises:
            HelperError: It cannot be asked.
        """
        lines, _ = self._ask(Request(Word.LIST))
        try:
            found = [QueuedMail.from_json(value) for value in lines]
        except ProtocolError as error:
            raise HelperError(f"strange answer of the helper: {error}") from error
        return sorted(found, key=lambda mail: (mail.arrival, mail.queue_id))

    def message(self, mail: QueuedMail) -> bytes:
        """
        Return header and body of *mail*, with line feeds as line ends.

        Raises:
            HelperError: It cannot be asked, or the mail is not there any more.
        """
        return self._ask(Request(Word.SHOW, (mail,)))[1]

    def release(self, mails: Sequence[QueuedMail]) -> Mapping[str, Result]:
        """
        Let *mails* be delivered and return what became of each, by queue id.

        Raises:
            HelperError: It cannot be asked.
        """
        return self._act(Word.RELEASE, mails)

    def delete(self, mails: Sequence[QueuedMail]) -> Mapping[str, Result]:
        """
        Delete *mails* and return what became of each, by queue id.

        Raises:
            HelperError: It cannot be asked.
        """
        return self._act(Word.DELETE, mails)

    def _act(self, word: Word, mails: Sequence[QueuedMail]) -> Mapping[str, Result]:
        results: dict[str, Result] = {}
        for start in range(0, len(mails), MOST_MAILS):
            some = tuple(mails[start : start + MOST_MAILS])
            lines, _ = self._ask(Request(word, some))
            results |= {str(value.get("queue_id")): _result(value) for value in lines}
        return MappingProxyType(results)

    def _ask(self, request: Request) -> tuple[list[dict[str, Any]], bytes]:
        """Return what the helper tells line by line, and the bytes that follow its end."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            try:
                connection.settimeout(_CONNECT_SECONDS)
                connection.connect(str(self._path))
                connection.settimeout(_SECONDS)
                connection.sendall(request.to_line())
                with connection.makefile("rb") as stream:
                    return _answer(stream)
            except ProtocolError as error:
                raise HelperError(f"{self._path}: strange answer of the helper: {error}") from error
            except OSError as error:
                raise HelperError(self._remedy(error)) from error

    def _remedy(self, error: OSError) -> str:
        said = f"{self._path}: {error.strerror or error}"
        if isinstance(error, PermissionError):
            return f"{said}: run as root or as a member of the socket's group"
        if isinstance(error, FileNotFoundError | ConnectionRefusedError):
            return f"{said}: the helper does not run: systemctl start phish-milter-helper.socket"
        return said


def _answer(stream: IO[bytes]) -> tuple[list[dict[str, Any]], bytes]:
    found = []
    while not (value := parsed(stream.readline(_MOST_LINE))).get("end"):
        found.append(value)
    if "error" in value:
        raise HelperError(str(value["error"]))
    length = value.get("bytes")
    if not isinstance(length, int) or not 0 <= length <= MOST_BODY:
        raise ProtocolError("no length")
    body = stream.read(length)
    if len(body) != length:
        raise ProtocolError("it ends too early")
    return found, body


def _result(value: Mapping[str, Any]) -> Result:
    found = value.get("result")
    if found not in list(Result):
        raise HelperError("strange answer of the helper: no result")
    return Result(found)
