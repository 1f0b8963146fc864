"""
What is said between the helper that has root and those who ask it.

One request a connection: a line of JSON with a word of ``Word``; the answer is lines of JSON, the
last one with ``end``.  Queue ids are used again, so every wish names the mail, not only its id.
The standard library only: the helper loads this as root.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

MOST_REQUEST = 1 << 20
MOST_MAILS = 1000
MOST_BODY = 64 << 20
# Recipients that a listing names; the fingerprint covers all of them.
MOST_SHOWN = 20
_MOST_FIELD = 1000

_QUEUE_ID = re.compile(r"[0-9A-Za-z]{6,32}")
# The clock of the queue file and ours, in seconds; what other filters add to a header, in bytes.
_SAME_SECONDS = 2
_SAME_BYTES = 8192


class Word(StrEnum):
    """What can be asked for."""

    LIST = "list"
    SHOW = "show"
    RELEASE = "release"
    DELETE = "delete"


class Result(StrEnum):
    """What became of one mail."""

    RELEASED = "released"
    DELETED = "deleted"
    GONE = "gone"  # not in the queue, seen twice
    NOT_HELD = "not-held"  # in the queue, not on hold
    OTHER_MAIL = "other-mail"  # the id now belongs to another mail
    FAILED = "failed"


class ProtocolError(ValueError):
    """A request or an answer that is none; the message says why."""


@dataclass(frozen=True, slots=True)
class QueuedMail:
    """
    One mail of a Postfix queue, as ``postqueue -j`` tells of it.

    Attributes:
        instance: Configuration directory of its Postfix, "" for the default one.
        queue_id: Its id; used again by Postfix after the mail is gone.
        arrival: When it came, seconds since the epoch.
        size: Header and body in bytes, with what filters added.
        sender: Envelope sender, ``MAILER-DAEMON`` for the null sender.
        recipients: The first recipients.
        recipient_count: How many there are.
        fingerprint: Of all recipients, in no order.
    """

    instance: str
    queue_id: str
    arrival: int
    size: int
    sender: str
    recipients: tuple[str, ...]
    recipient_count: int
    fingerprint: str

    def is_same(self, other: "QueuedMail") -> bool:
        """Whether *other* is this mail and not one that got its id later."""
        return (
            (self.instance, self.queue_id) == (other.instance, other.queue_id)
            and abs(self.arrival - other.arrival) <= _SAME_SECONDS
            and abs(self.size - other.size) <= _SAME_BYTES
            and self.sender == other.sender
            and self.fingerprint == other.fingerprint
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as an object of JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> Self:
        """
        Read what ``to_json`` made.

        Raises:
            ProtocolError: It is something else.
        """
        given = value if isinstance(value, dict) else {}
        texts = {k: _text(given, k) for k in ("instance", "queue_id", "sender", "fingerprint")}
        numbers = {k: _number(given, k) for k in ("arrival", "size", "recipient_count")}
        shown = given.get("recipients")
        if not isinstance(shown, list | tuple) or len(shown) > MOST_SHOWN:
            raise ProtocolError("recipients: expected a short list")
        if not is_queue_id(texts["queue_id"]):
            raise ProtocolError("queue_id: not a queue id")
        return cls(
            instance=texts["instance"],
            queue_id=texts["queue_id"],
            arrival=numbers["arrival"],
            size=numbers["size"],
            sender=texts["sender"],
            recipients=tuple(str(recipient)[:_MOST_FIELD] for recipient in shown),
            recipient_count=numbers["recipient_count"],
            fingerprint=texts["fingerprint"],
        )


def is_queue_id(text: str) -> bool:
    """Whether *text* can be the id of one mail: ``ALL`` and ``-`` mean more to postsuper."""
    return _QUEUE_ID.fullmatch(text) is not None and text.upper() != "ALL"


def fingerprint(recipients: Iterable[str]) -> str:
    """Return what is equal for equal sets of *recipients*."""
    joined = "\n".join(sorted(set(recipients))).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Request:
    """
    One request.

    Attributes:
        word: What is asked for.
        mails: Which mails; none for ``list``.
    """

    word: Word
    mails: tuple[QueuedMail, ...] = ()

    def to_line(self) -> bytes:
        """Return it as a line of JSON."""
        return line({"word": self.word, "mails": [mail.to_json() for mail in self.mails]})

    @classmethod
    def from_line(cls, raw: bytes, instances: Collection[str]) -> Self:
        """
        Read a request about mail of *instances*.

        Raises:
            ProtocolError: It is none.
        """
        given = parsed(raw)
        word = given.get("word")
        if word not in list(Word):
            raise ProtocolError("word: expected list, show, release or delete")
        values = given.get("mails", [])
        if not isinstance(values, list) or len(values) > MOST_MAILS:
            raise ProtocolError(f"mails: expected a list of at most {MOST_MAILS}")
        mails = tuple(QueuedMail.from_json(value) for value in values)
        if any(mail.instance not in instances for mail in mails):
            raise ProtocolError("instance: not one that this helper serves")
        if bool(mails) == (word == Word.LIST) or (word == Word.SHOW and len(mails) != 1):
            raise ProtocolError(f"mails: wrong number of them for {word}")
        return cls(Word(word), mails)


def line(value: Mapping[str, Any]) -> bytes:
    """Return *value* as a line of ASCII."""
    return json.dumps(value).encode("ascii") + b"\n"


def parsed(raw: bytes) -> dict[str, Any]:
    """
    Return the object that the line *raw* holds.

    Raises:
        ProtocolError: It holds something else.
    """
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("not a line of JSON") from error
    if not isinstance(value, dict):
        raise ProtocolError("not an object of JSON")
    return value


def _text(given: Mapping[str, Any], key: str) -> str:
    value = given.get(key)
    if not isinstance(value, str) or len(value) > _MOST_FIELD:
        raise ProtocolError(f"{key}: expected a short text")
    return value


def _number(given: Mapping[str, Any], key: str) -> int:
    value = given.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ProtocolError(f"{key}: expected a number")
    return value
