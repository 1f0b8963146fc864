"""What is odd about who a mail says it is from."""

import re
from collections.abc import Iterator, Sequence

from phish_milter.detection.anomalies import organisations
from phish_milter.detection.anomalies.destinations import Destinations, is_hosted, is_short
from phish_milter.detection.anomalies.model import Anomaly, SeenAnomaly
from phish_milter.detection.anomalies.obfuscated_letters import disguise, is_random
from phish_milter.detection.anomalies.organisations import Borrowed, Organisation
from phish_milter.domains.host_lists import free_hosting
from phish_milter.domains.names import parents
from phish_milter.domains.registrable import (
    is_address,
    is_registered_name,
    registrable,
    registrable_icann,
)
from phish_milter.links.model import Link
from phish_milter.message.model import Mailbox, Message
from phish_milter.text.folding import skeleton

_MOST_AUTHORS = 5  # mailboxes looked at; more stand in no honest From
# A display name that is a host or address and nothing else, quoted or bracketed or not.
_HOST_NAME = re.compile(
    r"[^\w]*(?:[\w.+-]{1,64}@)?((?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24})\b(.{0,40})"
)
# "jane@example.org via Example Sign": somebody who says so.
# "Orchard Benefits at Harbour Trust": who writes for whom.
_SENDER = re.compile(r"(?:\b(?:at|by|bei|chez|from|par|por|via|von)\b|[@|])\s*([^@|]{1,60})$")
_SIGNS = re.compile(r"[^a-z0-9]+")
_SHORTEST_SENDER = 4  # letters; shorter names are found in too many others
_CARRIED = re.compile(r"\b(?:via|on behalf of|for|im auftrag|par|por)\b")


def sender_anomalies(message: Message, destinations: Destinations) -> Iterator[SeenAnomaly]:
    """Yield what is odd about the authors and the subject of *message*."""
    authors = message.senders[:_MOST_AUTHORS]
    yield from _letters(message, authors)
    yield from _names(authors, destinations)
    yield from _other_addresses(message, authors)
    yield from _domains(authors, destinations)


def _letters(message: Message, authors: Sequence[Mailbox]) -> Iterator[SeenAnomaly]:
    for text in (*(a.display_name for a in authors), message.subject):
        if text and (how := disguise(text)):
            yield SeenAnomaly(Anomaly.DISGUISED_LETTERS, f"{text[:80]!r}: {how}")
            return


def _names(authors: Sequence[Mailbox], destinations: Destinations) -> Iterator[SeenAnomaly]:
    """Yield a well-known name in front of an address of somebody else."""
    for author in authors:
        found = organisations.borrowed(author.display_name) if author.display_name else None
        if found is None or found.organisation.owns(author.domain):
            continue
        if _is_answered(found, author, destinations):
            continue
        yield SeenAnomaly(
            Anomaly.BORROWED_NAME, f"{author.display_name[:80]!r} writes from {author.domain}"
        )
        if found.imitated:
            evidence = f"{author.display_name[:80]!r} is drawn like {found.organisation.name!r}"
            yield SeenAnomaly(Anomaly.DISGUISED_LETTERS, evidence)
        yield from _absent(found, destinations)
        return


def _is_answered(found: Borrowed, author: Mailbox, destinations: Destinations) -> bool:
    """
    Whether the mail says why it bears the name of *found*, in a way a stranger cannot.

    The organisation signed it, whoever's address it has; or a reader can go to nobody but
    the organisation; or the name says who writes for whom ("CLIENT Benefits at SENDER")
    and that sender signed it.
    """
    owner = found.organisation
    if destinations.verified and any(map(owner.owns, destinations.signers)):
        return True
    if destinations.clickable and all(_is_surely(owner, link) for link in destinations.clickable):
        return not found.imitated
    sender = registrable_icann(author.domain).partition(".")[0]
    return destinations.signs_itself and _is_named(sender, author.display_name)


def _is_surely(owner: Organisation, link: Link) -> bool:
    """Whether *link* can lead only to pages of *owner* itself."""
    elsewhere = link.unresolved or link.candidates or is_short(link) or is_hosted(link)
    return not elsewhere and owner.lists(link.host)


def _is_named(sender: str, display_name: str) -> bool:
    """Whether *display_name* ends with a word that joins, and the name of *sender*."""
    said = _SENDER.search(skeleton(display_name))
    name = _SIGNS.sub("", said[1]) if said else ""
    return len(name) >= _SHORTEST_SENDER and name == _SIGNS.sub("", sender)


def _absent(found: Borrowed, destinations: Destinations) -> Iterator[SeenAnomaly]:
    """Whose name it is has no part in the mail: neither sender nor any readable target."""
    owner = found.organisation
    if destinations.foreign and not any(owner.owns(link.host) for link in destinations.clickable):
        strangers = [link for link in destinations.foreign if not destinations.is_known(link)]
        if strangers:
            yield SeenAnomaly(
                Anomaly.OWNER_ABSENT, f"named {owner.name}, leads to {strangers[0].host}"
            )


def _other_addresses(message: Message, authors: Sequence[Mailbox]) -> Iterator[SeenAnomaly]:
    """Yield a display name that is a host or address of another domain than the author's."""
    own = {registrable(a.domain) for a in authors}
    for mailbox in (*authors, *message.authors[:_MOST_AUTHORS]):
        name = skeleton(mailbox.display_name)
        found = _HOST_NAME.match(name) if "." in name else None
        if found and not _CARRIED.search(found[2]) and _is_other(found[1], own):
            evidence = f"{mailbox.display_name[:80]!r} shows {found[1]}, writes from another domain"
            yield SeenAnomaly(Anomaly.SHOWS_OTHER_ADDRESS, evidence)
            return


def _is_other(host: str, own: set[str]) -> bool:
    """Whether *host* exists and carries another name than the domains in *own*."""
    label = registrable(host).partition(".")[0]
    return is_registered_name(host) and all(label != o.partition(".")[0] for o in own)


def _domains(authors: Sequence[Mailbox], destinations: Destinations) -> Iterator[SeenAnomaly]:
    domains = [a.domain for a in authors if a.domain]
    owners = dict.fromkeys(registrable(d) for d in domains)
    if len(owners) > 1:
        yield SeenAnomaly(Anomaly.AUTHORS_DIFFER, f"authors at {', '.join(list(owners)[:3])}")
    if authors and not any(_exists(d) for d in domains) and destinations.hyperlinks:
        yield SeenAnomaly(Anomaly.NO_SENDER_DOMAIN, f"From is {authors[0].address[:80]!r}")
    for domain in owners:
        if _is_hosting(domain) and destinations.foreign:
            yield SeenAnomaly(
                Anomaly.HOSTED_SENDER, f"{domain} writes, {destinations.foreign[0].host} is opened"
            )
        labels = domain.split(".")[:-1]
        if any(is_random(label) for label in labels):
            yield SeenAnomaly(Anomaly.RANDOM_SENDER, f"{domain} looks drawn by lot")


def _exists(domain: str) -> bool:
    """Whether *domain* could be asked for in public DNS."""
    return "." in domain and not is_address(domain)


def _is_hosting(domain: str) -> bool:
    """Whether *domain* was given by a platform for pages, which sends no mail for its users."""
    return any(name in free_hosting().prefixes for name in parents(domain)[1:])
