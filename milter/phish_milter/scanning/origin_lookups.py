"""What the gateway asks DNS about one message, while its body still arrives."""

from collections.abc import Iterable, Sequence

from phish_milter.authentication.spf import Asker
from phish_milter.authentication.verify import Evidence, Rules, gather, needed
from phish_milter.detection.brands.model import Brand
from phish_milter.detection.origin_proof import relevant_domains
from phish_milter.dns.resolver import Resolver
from phish_milter.message.model import Envelope, HeaderField
from phish_milter.settings.model import Settings


def rules_of(settings: Settings, brands: Iterable[Brand]) -> Rules:
    """Return when to verify and whom to believe, under *settings*."""
    authentication = settings.authentication
    return Rules(
        verify=authentication.verify,
        trusted_ids=frozenset(authentication.trusted_authserv_ids),
        trusted_sealers=frozenset(authentication.trusted_arc_sealers),
        everything=authentication.add_results_header,
        domains=relevant_domains(brands),
    )


def header_fields(pairs: Iterable[tuple[str, bytes]]) -> tuple[HeaderField, ...]:
    """Return undecoded fields of (name, raw value) *pairs*: all that questions need."""
    return tuple(HeaderField(name.lower(), raw, "") for name, raw in pairs)


class OriginLookups:
    """
    Decides what to ask about a message, and asks it within one budget.

    The lookups, with their cache, outlive a reload; the rules do not.
    """

    def __init__(self, lookups: Resolver, rules: Rules) -> None:
        self.lookups = lookups
        self._rules = rules

    def needed(self, fields: Sequence[HeaderField]) -> bool:
        """Whether DNS has anything to say about a message; ordinary mail asks nothing."""
        return needed(fields, self._rules)

    def evidence(self, fields: Sequence[HeaderField], envelope: Envelope) -> Evidence:
        """Ask, and block for at most the budget of a message; never raises."""
        asker: Asker = self.lookups.session()
        return gather(fields, envelope, asker)
