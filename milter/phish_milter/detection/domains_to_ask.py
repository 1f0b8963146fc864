"""Which domains of one message DNS may be asked about."""

from collections.abc import Collection, Iterator

from phish_milter.domains.registrable import is_address, is_registered_name, registrable
from phish_milter.links.model import Link

#: Link domains of one message that DNS is asked about; a phish needs one, worst come first.
MAX_DOMAINS = 8


def worth_asking(domain: str, known: Collection[str]) -> bool:
    """Whether DNS has news about *domain*: it can exist, and belongs to nobody in *known*."""
    return (
        is_registered_name(domain)
        and not is_address(domain)
        and domain not in known
        and registrable(domain) not in known
    )


def link_domains(ranked: Iterator[Link], known: Collection[str]) -> tuple[str, ...]:
    """Return the domains of the *ranked* links that are worth asking about."""
    found: dict[str, None] = {}
    for link in ranked:
        if len(found) == MAX_DOMAINS:
            break
        if worth_asking(link.domain, known):
            found[link.domain] = None
    return tuple(found)
