"""
A platform's honest mail brings a stranger's words that speak as a brand.

Why it matters:
    Issue trackers, document sharing, signature and payment services notify whom their
    users choose.  Their signature proves who carried the words, not who wrote them.

Fires on:
    "PyPI Security invited you to PyPI account verification" from a workspace; a share, an
    invoice or a comment named after the brand that asks something of the reader's account.
    With a link that imitates the brand or shows another target: held, and never rejected
    where the platform signed.

Stays silent on:
    Discussions, reports and warnings; repositories, documents and workspaces that are
    merely named after the brand; the brand's own notices through its own platform.

Known evasions:
    Platforms missing in `config/lists/carriers.toml` whose notices read unlike those in
    `config/lists/carrier-frames.txt`.
"""

from collections.abc import Iterator

from phish_milter.detection.carriers import Carried, carrier_of
from phish_milter.detection.facts import Facts
from phish_milter.detection.origin_proof import held
from phish_milter.findings import Finding, Role, Symbol

CARRIED_VOICE = Symbol(
    name="CARRIED_VOICE",
    role=Role.SUSPICION,
    summary="A stranger's name or text in a platform's mail speaks as a protected brand",
    score=4.0,
    check=__name__,
)
CARRIED_IMITATION = Symbol(
    name="CARRIED_IMITATION",
    role=Role.SUSPICION,
    summary="A stranger's words in a platform's mail speak as a brand and imitate its links",
    score=8.0,
    check=__name__,
    enforced=True,
)
CARRIER_PROVEN = Symbol(
    name="CARRIER_PROVEN",
    role=Role.SUSPICION,
    summary="The platform that carries a stranger's words signed the mail",
    score=0.0,
    check=__name__,
    conveyed=True,
)
SYMBOLS = (CARRIED_VOICE, CARRIED_IMITATION, CARRIER_PROVEN)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the gravest of what strangers say through the mail, and who vouches for the way."""
    if not facts.carried:
        return
    told = [said for said in facts.carried if not _contradicted(facts, said)]
    for said in sorted(told, key=lambda said: not said.imitation)[:1]:
        if said.imitation:
            yield Finding(CARRIED_IMITATION, f"{said.voice}; {said.imitation}")
        else:
            yield Finding(CARRIED_VOICE, said.voice)
    for author in facts.message.senders:
        if carrier_of(author) and held(facts.authentication, author.domain):
            yield Finding(CARRIER_PROVEN, f"signed by {author.domain}")


def _contradicted(facts: Facts, said: Carried) -> bool:
    """Whether the sender speaks as the brand from elsewhere: the same fact counts once."""
    return any(
        about.brand.id == said.brand and about.strong and about.identity.foreign_author
        for about in facts.brands
    )
