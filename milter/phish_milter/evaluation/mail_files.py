"""Mail in files: what `scan` and `evaluate` read, and the one sequence both run on it."""

import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from phish_milter.evaluation.containers import HeldMail, taken_apart
from phish_milter.evaluation.delivered import Hosts, received
from phish_milter.evaluation.manifest import Expectation
from phish_milter.message.model import Envelope
from phish_milter.policy.decision import Verdict
from phish_milter.policy.outcome import Scan
from phish_milter.scanning.judge import judge
from phish_milter.settings.model import Settings

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Given:
    """The envelope as somebody gave it; None is what was not said, "" the null sender."""

    client_ip: str | None = None
    helo: str | None = None
    mail_from: str | None = None
    rcpt_to: tuple[str, ...] | None = None

    @classmethod
    def all_of(cls, envelope: Envelope) -> "Given":
        """Return *envelope* as given in full."""
        return cls(envelope.client_ip, envelope.helo, envelope.mail_from, envelope.rcpt_to)

    def over(self, found: Envelope) -> Envelope:
        """Return *found*, with what was given in its place."""
        return Envelope(
            found.client_ip if self.client_ip is None else self.client_ip,
            found.helo if self.helo is None else self.helo,
            found.mail_from if self.mail_from is None else self.mail_from,
            found.rcpt_to if self.rcpt_to is None else self.rcpt_to,
        )


@dataclass(frozen=True, slots=True)
class MailFile:
    """
    A file to scan.

    Attributes:
        path: The file, ``-`` for standard input.
        given: What is known about the envelope; the file may know the rest.
        delivered: Whether the mail bears fields of our own MTA; None finds out.
        alone: The file is one mail, as a line of a manifest says.
    """

    path: str
    given: Given = Given()
    delivered: bool | None = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """
    What came of one file.

    Attributes:
        path: As given.
        seconds: Wall time of scan and verdict.
    """

    path: str
    verdict: Verdict
    scan: Scan = field(repr=False)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that could not be read, and why."""

    path: str
    error: str


class SupportsScan(Protocol):
    """What takes messages apart, such as ``scanner.Scanner``."""

    def scan(self, raw: bytes, envelope: Envelope) -> Scan:
        """Take one message apart."""
        ...


def files_in(path: str) -> Iterator[str]:
    """
    Yield the files that *path* stands for: itself, or those below it in the order of names.

    In a Maildir these are the ones in ``new`` and ``cur``; elsewhere all but hidden ones.
    Links to directories are not followed.  Raises ValueError where a directory holds no
    file, and OSError where it cannot be listed.
    """
    if path == STDIN or not Path(path).is_dir():
        yield path
        return
    found = False
    for directory, folders, names in os.walk(path, onerror=_raise):
        maildir = "cur" in folders
        folders[:] = sorted(f for f in folders if not (maildir and f == "tmp"))
        for name in sorted(names):
            file = Path(directory, name)
            if not maildir and not name.startswith(".") and file.is_file():
                found = True
                yield str(file)
    if not found:
        raise ValueError("is a directory that holds no mail")


def _raise(error: OSError) -> None:
    raise error


def examine(
    file: MailFile, scanner: SupportsScan, settings: Settings
) -> Iterator[Judged | Unreadable]:
    """Read, scan and judge every mail in *file*; the second of several is ``PATH#2``."""
    try:
        mails = _mails(file)
    except (OSError, ValueError, MemoryError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        yield Unreadable(file.path, reason or type(error).__name__)
        return
    for number, mail in enumerate(mails, 1):
        path = f"{file.path}#{number}" if len(mails) > 1 else file.path
        yield _judged(path, mail, file, scanner, settings)


def _mails(file: MailFile) -> list[HeldMail]:
    mails = taken_apart(_read(file.path))
    if file.alone and len(mails) > 1:
        raise ValueError(f"holds {len(mails)} mails; a line of a manifest means one")
    return mails


def _judged(
    path: str, mail: HeldMail, file: MailFile, scanner: SupportsScan, settings: Settings
) -> Judged:
    if mail.envelope is None and file.delivered is not False:
        mail = received(mail, _hosts(settings, anybody=bool(file.delivered)))
    envelope = file.given.over(mail.envelope or Envelope())
    started = time.perf_counter()
    scan = scanner.scan(mail.raw, envelope)
    verdict = judge(scan, envelope, settings)
    return Judged(path, verdict, scan, time.perf_counter() - started)


def _hosts(settings: Settings, *, anybody: bool) -> Hosts:
    return Hosts.of((settings.site.authserv_id,), platform.node(), anybody=anybody)


def _read(path: str) -> bytes:
    if path == STDIN and sys.stdin is None:  # closed by whoever started us
        raise ValueError("standard input is closed")
    return sys.stdin.buffer.read() if path == STDIN else Path(path).read_bytes()


def mail_of(entry: Expectation, manifest: Path) -> MailFile:
    """Return the mail that a line of *manifest* names, with the envelope it gives."""
    path = str(manifest.parent / entry.file)
    return MailFile(path, Given.all_of(entry.envelope), alone=True)


def examine_one(file: MailFile, scanner: SupportsScan, settings: Settings) -> Judged | Unreadable:
    """Read, scan and judge the one mail in *file*."""
    (result,) = examine(file, scanner, settings)
    return result
