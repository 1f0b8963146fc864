"""
Postfix' queue by its own commands; every answer is read back from the queue.

What `postsuper` does not tell: it exits with 0 also when it found nothing, and after a release
the queue manager looks at the mail only minutes later unless `postqueue -i` follows.  Ids go in
on standard input.  The standard library only: this runs as root.
"""

import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from phish_milter.operations.quarantine.protocol import (
    MOST_BODY,
    MOST_SHOWN,
    QueuedMail,
    Result,
    Word,
    fingerprint,
    is_queue_id,
)

HOLD = "hold"
_COMMANDS = Path("/usr/sbin")
_SECONDS = 30
_MOST_LISTING = 256 << 20
# A listing may miss a mail that the queue manager is moving; what is missing twice is gone.
_SECOND_LOOK = 2.0
# MAIL_CONFIG and the like must not lead to another instance.
_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"}
_TOLD = {Word.RELEASE: r"released from hold", Word.DELETE: r"removed"}
_FLAGS = {Word.RELEASE: "-H", Word.DELETE: "-d"}
_DONE = {Word.RELEASE: Result.RELEASED, Word.DELETE: Result.DELETED}


class QueueError(Exception):
    """Postfix did not answer; the message says what it said."""


class PostfixQueue:
    """
    The queue of one Postfix.

    Args:
        instance: Its configuration directory, "" for the default one.
        reader: User whom bodies are read as.
    """

    def __init__(self, instance: str = "", reader: str = "postfix") -> None:
        self.instance = instance
        self._reader = reader
        self._choice = ["-c", instance] if instance else []

    def mails(self) -> Iterator[tuple[str, QueuedMail]]:
        """
        Yield the queue's name and the mail, for every mail.

        Raises:
            QueueError: The queue cannot be listed.
        """
        for text in self._run("postqueue", "-j", most=_MOST_LISTING).splitlines():
            mail = _mail(text, self.instance)
            if mail is not None:
                yield mail

    def held(self) -> list[QueuedMail]:
        """
        Return what is on hold.

        Raises:
            QueueError: The queue cannot be listed.
        """
        return [mail for queue, mail in self.mails() if queue == HOLD]

    def show(self, mail: QueuedMail) -> bytes:
        """
        Return header and body of *mail*, which is on hold, with line feeds as line ends.

        Raises:
            QueueError: It is not there, is another one, or cannot be read.
        """
        (result,) = self._checked([mail]).values()
        if result is not None:
            raise QueueError(f"{mail.queue_id}: {result}")
        return self._run("postcat", "-bhq", mail.queue_id, most=MOST_BODY, user=self._reader)

    def act(self, word: Word, mails: Sequence[QueuedMail]) -> dict[str, Result]:
        """
        Release or delete *mails* and return what became of each, by queue id.

        Raises:
            QueueError: The queue cannot be listed; nothing was done.
        """
        checked = self._checked(mails)
        wanted = [queue_id for queue_id, result in checked.items() if result is None]
        results = {queue_id: result for queue_id, result in checked.items() if result is not None}
        if wanted:
            results |= self._act(word, wanted)
        return results

    def _checked(self, mails: Sequence[QueuedMail]) -> dict[str, Result | None]:
        """Return by queue id why nothing may be done, None where all is as it was seen."""
        found = self._found(mails)
        if any(result is Result.GONE for result in found.values()):
            time.sleep(_SECOND_LOOK)
            found = self._found(mails)
        return found

    def _found(self, mails: Sequence[QueuedMail]) -> dict[str, Result | None]:
        wanted = {mail.queue_id: mail for mail in mails}
        found: dict[str, Result | None] = dict.fromkeys(wanted, Result.GONE)
        for queue, mail in self.mails():
            if mail.queue_id not in wanted:
                continue
            if not wanted[mail.queue_id].is_same(mail):
                found[mail.queue_id] = Result.OTHER_MAIL
            else:
                found[mail.queue_id] = None if queue == HOLD else Result.NOT_HELD
        return found

    def _act(self, word: Word, ids: Sequence[str]) -> dict[str, Result]:
        """Do it, and believe what was said of each id as well as the queue afterwards."""
        said = self._run(
            "postsuper", _FLAGS[word], "-", HOLD, stdin="".join(f"{i}\n" for i in ids)
        ).decode("utf-8", "replace")
        told = set(re.findall(rf"([0-9A-Za-z]{{6,32}}): {_TOLD[word]}", said))
        still = {mail.queue_id for mail in self.held()}
        results = {}
        for queue_id in ids:
            done = queue_id in told and queue_id not in still
            results[queue_id] = _DONE[word] if done else Result.FAILED
            if done and word is Word.RELEASE:
                self._deliver_soon(queue_id)
        return results

    def _deliver_soon(self, queue_id: str) -> None:
        try:
            self._run("postqueue", "-i", queue_id)
        except QueueError:
            return  # delivered or on its way; the queue manager finds the rest by itself

    def _run(
        self, name: str, *arguments: str, stdin: str = "", most: int = 1 << 20, user: str = ""
    ) -> bytes:
        """
        Return what one of Postfix' commands prints, at most *most* bytes in ``_SECONDS``.

        With *user* it runs as that one, and what it says on standard error is left out.
        """
        command = [str(_COMMANDS / name), *self._choice, *arguments]
        try:
            process = subprocess.Popen(  # noqa: S603 - a fixed program; ids are checked
                command,
                env=_ENVIRONMENT,
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL if user else subprocess.STDOUT,
                user=user or None,
                group=user or None,
                extra_groups=[] if user else None,
            )
        except (OSError, LookupError, subprocess.SubprocessError) as error:
            raise QueueError(f"{name}: {error}") from error
        with process:
            return _answer(process, stdin.encode(), most, name)


def _answer(process: "subprocess.Popen[bytes]", stdin: bytes, most: int, name: str) -> bytes:
    """Return what *process* prints; *stdin* fits into a pipe."""
    late = threading.Timer(_SECONDS, process.kill)
    late.start()
    try:
        with suppress(OSError), _stream(process.stdin) as pipe:
            pipe.write(stdin)
        said = _stream(process.stdout).read(most + 1)
        if len(said) > most:
            process.kill()
        status = process.wait()
    finally:
        late.cancel()
    if len(said) > most:
        raise QueueError(f"{name}: said more than {most} bytes")
    if status:
        last = said.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise QueueError(f"{name}: {last[0] if last else f'status {status}'}")
    return said


def _stream(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise QueueError("no pipe")
    return pipe


def _mail(text: bytes, instance: str) -> tuple[str, QueuedMail] | None:
    """Read one line of a listing; members that are not known are none of ours."""
    try:
        given = json.loads(text)
        addresses = [str(r["address"]) for r in given["recipients"]]
        mail = QueuedMail(
            instance=instance,
            queue_id=str(given["queue_id"]),
            arrival=int(given["arrival_time"]),
            size=int(given["message_size"]),
            sender=str(given["sender"]),
            recipients=tuple(addresses[:MOST_SHOWN]),
            recipient_count=len(addresses),
            fingerprint=fingerprint(addresses),
        )
        return (str(given["queue_name"]), mail) if is_queue_id(mail.queue_id) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
