"""What is asked of DNS and what it answered: frozen values that scanner processes may hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import idna

#: Record types we ever ask for.
TYPES = ("TXT", "A", "AAAA", "MX", "NS", "PTR")
#: Longest name of RFC 1035 in text form, and longest label.
MAX_NAME = 253
MAX_LABEL = 63


class Kind(StrEnum):
    """What a question is for; the label of lookup metrics."""

    DKIM = "dkim"
    ARC = "arc"
    DMARC = "dmarc"
    SPF = "spf"
    DOMAIN = "domain"


class LookupResult(StrEnum):
    """How a lookup ended; the label of a metric."""

    ANSWER = "answer"  # with records
    NONE = "none"  # without
    FAILED = "failed"  # by a failure of the servers
    TIMEOUT = "timeout"  # by their silence
    CACHED = "cached"  # from the cache
    REFUSED = "refused"  # not asked, since DNS is taken for dead
    BUDGET = "budget"  # not in the time of the message; the question goes on and is counted again


class Status(StrEnum):
    """How DNS answered."""

    FOUND = "found"
    NODATA = "nodata"
    NXDOMAIN = "nxdomain"
    UNKNOWN = "unknown"


def dns_name(name: str) -> str:
    """
    Return *name* as it is asked for: A-labels, lower case, no final dot.

    "" for what can be no name of DNS: too long, an empty label, or not IDNA (RFC 5891).
    """
    text = name.strip().rstrip(".").lower()
    if not text.isascii():
        try:
            text = idna.encode(text, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return ""
    if len(text) > MAX_NAME or "\\" in text or not text.isprintable():
        return ""
    return text if all(0 < len(label) <= MAX_LABEL for label in text.split(".")) else ""


@dataclass(frozen=True, slots=True)
class Question:
    """
    One question; equal questions are asked once, whatever they are for.

    Attributes:
        name: In the form of ``dns_name``.
        type: One of ``TYPES``.
        kind: What it is for.
    """

    name: str
    type: str
    kind: Kind = field(default=Kind.DOMAIN, compare=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """
    One answer.

    Attributes:
        status: ``unknown`` is neither yes nor no: asking again later may help.
        values: TXT as text (strings joined, one character a byte), A and AAAA as
            addresses, MX as "10 host", NS and PTR as host; hosts without final dot, the
            root as ".".
        reason: Why it is unknown ("timeout", "servfail", "breaker"), else "".
    """

    status: Status
    values: tuple[str, ...] = ()
    reason: str = ""

    @property
    def unknown(self) -> bool:
        """Whether nothing was learned."""
        return self.status is Status.UNKNOWN


NOT_ASKED = Answer(Status.UNKNOWN, reason="not asked")
#: A name that cannot exist: permanent, unlike an unknown answer.
NO_SUCH_NAME = Answer(Status.NXDOMAIN)


@dataclass(frozen=True)
class Answers:
    """Answers by (name, type)."""

    table: Mapping[tuple[str, str], Answer] = field(default_factory=dict)

    def get(self, name: str, type_: str) -> Answer:
        """Return the answer about *name*, ``unknown`` when it was never asked for."""
        asked = dns_name(name)
        return self.table.get((asked, type_), NOT_ASKED) if asked else NO_SUCH_NAME

    def joined(self, other: "Answers") -> "Answers":
        """Return these answers and those of *other*."""
        return Answers({**self.table, **other.table})


NO_ANSWERS = Answers()


@dataclass(frozen=True, slots=True)
class DomainsAsked:
    """
    The domains of one message that DNS is asked about beside those of its origin.

    Attributes:
        links: Registrable domains of link targets, worst first, at most
            ``domains_to_ask.MAX_DOMAINS``.
        sender: Domain of the header From, "" when there is none to ask about.
    """

    links: tuple[str, ...] = ()
    sender: str = ""
