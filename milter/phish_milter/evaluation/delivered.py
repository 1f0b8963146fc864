"""Delivered mail: what our own MTA wrote on top, and the mail as it was before."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from phish_milter.evaluation.containers import HeldMail
from phish_milter.message.header import raw_text, split
from phish_milter.message.limits import Limits
from phish_milter.message.model import Envelope

# What local(8), virtual(8) and delivery agents write above what was received.
_DELIVERY: Final = (b"return-path", b"x-original-to", b"delivered-to")
_RECEIVED: Final = b"received"
# A field with its folded lines, as it stands.
_FIELD: Final = re.compile(rb"[^\n]*+\n(?:[ \t][^\n]*+\n)*+")
# The form of Postfix' smtpd(8): HELO, then the name and address that were looked up.
_FROM: Final = re.compile(r"from (\S+) \([^()\s]* ?\[(?:IPv6:)?([0-9A-Fa-f.:]+)\]\)")
_BY: Final = re.compile(r"\bby ([A-Za-z0-9._-]+)((?: \(Postfix\b)?)")
_FOR: Final = re.compile(r"\bfor <([^<>\s]+)>")
# One delivery passes a filter, a list manager and an LMTP server at most.
_MOST_HOPS: Final = 4
_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Hosts:
    """
    Who writes the Received fields of this site.

    Attributes:
        named: Names that the configuration gives, any software.
        here: Names of this host, believed where Postfix wrote the field.
        anybody: Believe the topmost Received whoever wrote it.
    """

    named: frozenset[str] = frozenset()
    here: frozenset[str] = frozenset()
    anybody: bool = False

    @classmethod
    def of(cls, named: Collection[str], here: str, *, anybody: bool = False) -> "Hosts":
        """Return the hosts with these names; *here* may lack its domain, as in hostname(1)."""
        return cls(
            frozenset(name.lower() for name in named if name),
            frozenset({here.lower()} if here else ()),
            anybody,
        )

    def wrote(self, by: re.Match[str]) -> bool:
        """Whether the field with *by* was written at this site."""
        name, postfix = by[1].lower().rstrip("."), bool(by[2])
        own = name in self.here or name.partition(".")[0] in self.here
        return self.anybody or name in self.named or (postfix and own)


def received(mail: HeldMail, hosts: Hosts) -> HeldMail:
    """
    Return *mail* as it was before our own MTA took it, with the envelope it came with.

    That is *mail* itself where its topmost Received is none of *hosts*, or where it says
    nothing of a client: mail that a local user wrote.  Of several hops within the site the
    lowest counts.  Senders can write such fields only below those of our own MTA.
    """
    body = split(mail.raw, 0, len(mail.raw), _LIMITS).body
    fields = [_Field.of(lines) for lines in _FIELD.findall(mail.raw, 0, body)]
    arrival = _arrival(fields, hosts)
    if arrival is None:
        return mail
    index, client, helo, recipient = arrival
    above = fields[: index + 1]
    written = {f.name: f.text.strip("<> ") for f in reversed(above) if f.name in _DELIVERY}
    rcpt = recipient or written.get(b"x-original-to", "") or written.get(b"delivered-to", "")
    sender = written.get(b"return-path", "")
    envelope = Envelope(client, helo, sender, (rcpt,) if rcpt else ())
    kept = [f.lines for f in above if f.name not in _DELIVERY and f.name != _RECEIVED]
    size = sum(len(f.lines) for f in above)
    return HeldMail(b"".join(kept) + mail.raw[size:], envelope)


@dataclass(frozen=True, slots=True)
class _Field:
    """A header field: lower-case name, its lines as they stand, its unfolded value."""

    name: bytes
    lines: bytes
    text: str

    @classmethod
    def of(cls, lines: bytes) -> "_Field":
        name, _, value = lines.partition(b":")
        return cls(name.strip().lower(), lines, " ".join(raw_text(value, _LIMITS, set()).split()))


def _arrival(fields: Sequence[_Field], hosts: Hosts) -> tuple[int, str, str, str] | None:
    """Return index, client, HELO and recipient of the field written when the mail came in."""
    found, hops = None, 0
    for index, field in enumerate(fields):
        if field.name != _RECEIVED:
            continue
        by, sent = _BY.search(field.text), _FROM.match(field.text)
        if by is None or hops == _MOST_HOPS or not hosts.wrote(by):
            break
        hops += 1
        if sent and (address := _address(sent[2])):
            recipient = _FOR.search(field.text)
            found = (index, address, sent[1], recipient[1] if recipient else "")
            if not ip_address(address).is_loopback:
                break
    return found


def _address(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        return ""
