"""The links of one mail that a reader may open, sorted by whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from phish_milter.authentication.model import Authentication, Result
from phish_milter.domains.host_lists import free_hosting, shorteners, trackers
from phish_milter.domains.registrable import is_address, registrable, registrable_icann
from phish_milter.links import rewriters
from phish_milter.links.model import Link
from phish_milter.message.model import Message
from phish_milter.resources import words

_NOTHING = Authentication()
# What a click opens; pictures and style sheets open nothing.
_CLICKED = frozenset({"html:a", "html:area", "html:form", "html:v", "html:button"})
_MOST_LINKS = 400  # looked at for anomalies; newsletters have about 100
_SHORTEST_NAME = 4  # letters; shorter names belong to many
# Footers lead to the profiles of the sender there, whoever the sender is.
_PROFILES = "profile-sites.txt"


@dataclass(frozen=True)
class Destinations:
    """
    Where a mail leads.

    Attributes:
        owners: Registrable domains of the authors.
        links: Unquoted links outside header fields, the first few hundred.
        signers: Registrable domains of those whose signature is believed.
        verified: Somebody looked at signatures, so *signers* are no mere words.
    """

    owners: frozenset[str]
    links: tuple[Link, ...]
    signers: frozenset[str] = frozenset()
    verified: bool = False

    @cached_property
    def clickable(self) -> tuple[Link, ...]:
        """What a reader can open: hyperlinks, forms, URLs in text, QR codes and documents."""
        return tuple(
            link
            for link in self.links
            if link.host and (link.source in _CLICKED or _is_written_out(link))
        )

    @cached_property
    def hyperlinks(self) -> tuple[Link, ...]:
        """What a reader opens without seeing the target."""
        return tuple(link for link in self.clickable if link.source in _CLICKED)

    @cached_property
    def actions(self) -> tuple[Link, ...]:
        """Where the mail wants its reader to go: hyperlinks if there are any, no profiles."""
        chosen = self.hyperlinks or self.clickable
        return tuple(
            link
            for link in chosen
            if registrable_icann(link.host) not in words(_PROFILES) or link.unresolved
        )

    @cached_property
    def foreign(self) -> tuple[Link, ...]:
        """Actions at other domains than the authors'."""
        return tuple(link for link in self.actions if not self.is_own(link))

    def is_own(self, link: Link) -> bool:
        """
        Whether *link* leads to an author's domain, or to one of the same name elsewhere.

        Senders have several suffixes (orchard.com, orchard.io) and pages on platforms
        (orchard.site-builder.example).
        """
        if link.domain in self.owners or registrable_icann(link.host) in self.owners:
            return True
        return link.domain.partition(".")[0] in self._names

    def is_signers(self, link: Link) -> bool:
        """Whether *link* leads to somebody who signed the mail."""
        return registrable_icann(link.host) in self.signers

    @property
    def signs_itself(self) -> bool:
        """Whether an author's own domain signed the mail."""
        return not self.signers.isdisjoint(self.owners)

    @cached_property
    def _names(self) -> frozenset[str]:
        names = (owner.partition(".")[0] for owner in self.owners)
        return frozenset(name for name in names if len(name) >= _SHORTEST_NAME)

    def is_known(self, link: Link) -> bool:
        """Whether *link* leads through a mail service or gateway, and so says nothing."""
        if link.wrappers:
            return not is_short(link)
        shipped = rewriters.matching(rewriters.shipped(), link.host, link.path)
        return trackers().matches(link.host, link.path) or any(True for _ in shipped)


def _is_written_out(link: Link) -> bool:
    if link.source.startswith("html:"):
        return False
    return link.source != "text" or "://" in link.written


def is_short(link: Link) -> bool:
    """Whether only a shortening service knows where *link* leads."""
    return shorteners().matches(link.host, link.path)


def is_hosted(link: Link) -> bool:
    """Whether anybody could have published the target of *link* within minutes."""
    return free_hosting().matches(link.host, link.path)


def is_literal(link: Link) -> bool:
    """Whether *link* opens an address instead of a name."""
    return is_address(link.host)


def destinations(
    message: Message, links: Sequence[Link], known: Authentication = _NOTHING
) -> Destinations:
    """
    Sort the *links* of *message*.

    Where nobody looked at signatures, their word is taken: nothing is proven by it then.
    """
    owners = {
        owner
        for author in message.senders
        if author.domain
        for owner in (registrable(author.domain), registrable_icann(author.domain))
    }
    opened = [link for link in links if not link.is_loaded][:_MOST_LINKS]
    kept = tuple(link for link in opened if not link.quoted and not link.in_header)
    verified = bool(known.source or known.dkim)
    held = [r.domain for r in known.dkim if r.result is Result.PASS]
    signers = frozenset(map(registrable_icann, held if verified else known.signed_domains))
    return Destinations(frozenset(owners), kept, signers, verified)
