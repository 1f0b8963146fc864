"""Several mails in one file: what ``postcat`` prints, and mailboxes in the mbox format."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from phish_milter.evaluation.unpacking import unpacked
from phish_milter.message.model import Envelope

_RECORDS: Final = re.compile(rb"^\*\*\* ENVELOPE RECORDS ([^\r\n]+) \*\*\*\r?$", re.MULTILINE)
# The postmark of an mbox (RFC 4155): address and date in the form of asctime(3).
_POSTMARK: Final = re.compile(
    rb"^From [^\r\n]*? ?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 0-3]?\d "
    rb"\d\d:\d\d(?::\d\d)?[^\r\n]{0,20}\r?\n",
    re.MULTILINE,
)
# Writers of mailboxes put a ">" before such lines, mboxrd before those that have some, too.
_ESCAPED: Final = re.compile(rb"^>(>*From )", re.MULTILINE)
_RECORD: Final = re.compile(r"^(\w+): *(?:(client_address|helo_name)=)?(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class HeldMail:
    """
    One mail out of a file.

    Attributes:
        raw: The mail as it stood in the file, escapes of the format undone.
        envelope: What the file says of the envelope, None where it says nothing.
    """

    raw: bytes
    envelope: Envelope | None = None


def taken_apart(raw: bytes) -> list[HeldMail]:
    """
    Return the mails in the file *raw*, one where it is a mail and no container.

    Raises ValueError where nothing can be taken out: broken compression, ``postcat``
    output without a message.
    """
    raw = unpacked(raw)
    if _RECORDS.match(raw):
        return list(_queue_files(raw))
    if _POSTMARK.match(raw):
        return list(_mailbox(raw))
    return [HeldMail(raw)]


def _mailbox(raw: bytes) -> Iterator[HeldMail]:
    """Postmarks count at the start and after an empty line; elsewhere they are text."""
    marks = [m for m in _POSTMARK.finditer(raw) if _after_blank(raw, m.start())]
    ends = [m.start() for m in marks[1:]] + [len(raw)]
    for mark, end in zip(marks, ends, strict=True):
        yield HeldMail(_ESCAPED.sub(rb"\1", raw[mark.end() : end]))


def _after_blank(raw: bytes, start: int) -> bool:
    return start == 0 or raw[max(0, start - 4) : start].endswith((b"\n\n", b"\n\r\n"))


def _queue_files(raw: bytes) -> Iterator[HeldMail]:
    marks = list(_RECORDS.finditer(raw))
    ends = [m.start() for m in marks[1:]] + [len(raw)]
    for mark, end in zip(marks, ends, strict=True):
        yield _queue_file(raw[mark.end() + 1 : end], mark[1])


def _queue_file(text: bytes, name: bytes) -> HeldMail:
    """
    Read one file of the queue as ``postcat -q`` prints it.

    Whoever wrote the mail does not know *name*, so the marks that carry it are Postfix'.
    """
    head, found, rest = text.partition(b"*** MESSAGE CONTENTS " + name + b" ***\n")
    if not found:
        raise ValueError("postcat printed no message; call it without -e")
    for mark in (b"HEADER EXTRACTED ", b"MESSAGE FILE END "):
        before, cut, _ = rest.rpartition(b"*** " + mark + name + b" ***")
        rest = before if cut else rest
    return HeldMail(rest, _recorded(head.decode("utf-8", "backslashreplace")))


def _recorded(head: str) -> Envelope:
    sender, values, recipients = "", {"client_address": "", "helo_name": ""}, []
    for record, attribute, value in _RECORD.findall(head):
        text = value.strip()
        if record == "sender":
            sender = text
        elif record == "recipient":
            recipients.append(text)
        elif record == "named_attribute" and attribute:
            values[attribute] = text
    address = values["client_address"].removeprefix("IPv6:").removeprefix("ipv6:")
    return Envelope(address, values["helo_name"], sender, tuple(dict.fromkeys(recipients)))
