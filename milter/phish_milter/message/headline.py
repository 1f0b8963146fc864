"""What people know a message by, from its header alone: it is there also when a scan failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from phish_milter.message.address import parse_mailboxes
from phish_milter.message.header import decode_words, raw_text
from phish_milter.message.limits import Limits
from phish_milter.message.model import HeaderField, Mailbox

_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Headline:
    """
    Author, subject and id of a message, as written by whoever sent it.

    Attributes:
        authors: Mailboxes of every From field that a client could take for the author.
        subject: The topmost Subject, encoded words decoded; "" when there is none.
        message_id: The topmost Message-ID without angle brackets; "" when there is none.
    """

    authors: tuple[Mailbox, ...] = ()
    subject: str = ""
    message_id: str = ""

    @property
    def author_domain(self) -> str:
        """Domain that DMARC looks at (RFC 7489 section 6.6.1), "" unless there is just one."""
        domains = {author.domain for author in self.authors}
        return domains.pop() if len(domains) == 1 else ""


def headline(fields: Iterable[HeaderField]) -> Headline:
    """Return what *fields*, in the order of the message, say; only their raw values are read."""
    kept = tuple(fields)
    subject = decode_words(_topmost(kept, "subject"), set())
    message_id = _topmost(kept, "message-id").strip("<> ")
    return Headline(authors(kept), subject, message_id)


def authors(fields: Iterable[HeaderField]) -> tuple[Mailbox, ...]:
    """Return the authors, read as the parser of messages reads them."""
    found: list[Mailbox] = []
    for field in fields:
        if field.name == "from":
            text = raw_text(field.raw, _LIMITS, set())
            found += parse_mailboxes(text, _LIMITS.max_addresses).authors
    return tuple(found)


def _topmost(fields: Iterable[HeaderField], name: str) -> str:
    return next((raw_text(f.raw, _LIMITS, set()) for f in fields if f.name == name), "")
