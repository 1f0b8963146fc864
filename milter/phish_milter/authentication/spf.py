"""
SPF (RFC 7208) of MAIL FROM, of HELO where there is none: reported, never a proof.

Evaluated in the gateway, since a record may include others without end in sight; each
term is asked through the lookups of the message, within its budget.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import spf

from phish_milter.authentication.model import Result
from phish_milter.dns.questions import Answer, Answers, Kind, Question, Status, dns_name
from phish_milter.message.model import Envelope

#: Largest record read; RFC 7208 section 3.4 wants records to fit one UDP packet.
MAX_RECORD = 4096
#: What the library raises about records that are not well formed.
_LIBRARY_ERRORS = (
    spf.PermError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
)
_WORDS = {result.value: result for result in Result}


class Asker(Protocol):
    """Whoever answers questions, within the budget of one message."""

    def ask(self, questions: Iterable[Question]) -> Answers:
        """Return all answers so far, those to *questions* included."""


_asker: ContextVar[Asker | None] = ContextVar("asker", default=None)


def spf_identity(envelope: Envelope) -> str:
    """Return the domain SPF is about: that of MAIL FROM, of HELO for the null sender."""
    sender = envelope.mail_from
    return (sender.rpartition("@")[2] if sender else envelope.helo).lower().rstrip(".")


def spf_question(envelope: Envelope) -> tuple[Question, ...]:
    """Return the question for the record itself; the others follow from it."""
    name = dns_name(spf_identity(envelope))
    return (Question(name, "TXT", Kind.SPF),) if name else ()


def check_sender(envelope: Envelope, asker: Asker) -> Result:
    """
    Return the SPF result; never raises.

    The library keeps the limits of section 4.6.4: 10 terms, 2 void lookups.
    """
    if not _is_address(envelope.client_ip) or not dns_name(spf_identity(envelope)):
        return Result.NONE
    with _answered_by(asker):
        try:
            word, _, _ = _Query(
                i=envelope.client_ip, s=envelope.mail_from, h=envelope.helo, timeout=0
            ).check()
        except spf.TempError:
            return Result.TEMPERROR
        except _LIBRARY_ERRORS:
            return Result.PERMERROR
    return _WORDS.get(word, Result.PERMERROR)


class _Query(spf.query):
    """The library's evaluation, which raises a bare Exception for an empty name."""

    def dns(self, name: str, qtype: str, *args: Any, **kwargs: Any) -> list[Any]:
        """Return the records of *name*; an empty one has none."""
        return super().dns(name, qtype, *args, **kwargs) if str(name).strip(".") else []


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@contextmanager
def _answered_by(asker: Asker) -> Iterator[None]:
    token = _asker.set(asker)
    try:
        yield
    finally:
        _asker.reset(token)


def _lookup(
    name: str, qtype: str, *_: object
) -> list[tuple[tuple[str, str], str | tuple[int, str] | tuple[bytes, ...]]]:
    """Answer the library's question in its own terms; it knows unknown as TempError."""
    asker = _asker.get()
    asked = dns_name(name)
    if asker is None or not asked or qtype == "SPF":  # a record type given up by RFC 7208
        return []
    answer = asker.ask([Question(asked, qtype, Kind.SPF)]).get(asked, qtype)
    if answer.status is Status.UNKNOWN:
        raise spf.TempError(f"DNS {answer.reason}")
    return [((name, qtype), _native(value, qtype)) for value in _bounded(answer)]


def _bounded(answer: Answer) -> Iterator[str]:
    return (value for value in answer.values if len(value) <= MAX_RECORD)


def _native(value: str, qtype: str) -> str | tuple[int, str] | tuple[bytes, ...]:
    if qtype == "TXT":
        return (value.encode("latin-1"),)
    if qtype == "MX":
        preference, _, host = value.partition(" ")
        return int(preference), host
    return value


spf.DNSLookup = _lookup
