"""
The subject begins with the tag that the brand puts before its own subjects.

Why it matters:
    Readers and filter rules file mail by the tag.  It is a claim only: genuine mail
    carries the very same subjects.

Fires on:
    `Subject: [PyPI] Email verification`, also after a gateway's `[EXTERNAL]`.

Stays silent on:
    `Re:`, `Fwd:` and `Automatic reply:` before the tag, `[pypi/warehouse]`.

Known evasions:
    Leaving the tag out.
"""

from collections.abc import Iterator

from phish_milter.facts import Facts
from phish_milter.findings import Finding, Role, Symbol
from phish_milter.identity import Trait

SUBJECT_BRAND_TAG = Symbol(
    name="SUBJECT_BRAND_TAG",
    role=Role.CLAIM,
    summary="Subject begins with the brand's tag",
    score=1.5,
    check="subject_tag",
)
SYMBOLS = (SUBJECT_BRAND_TAG,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the claim for each brand whose tag opens the subject."""
    for about in facts.claimed():
        if subject := about.identity.traits.get(Trait.SUBJECT_TAG):
            yield Finding(SUBJECT_BRAND_TAG, f"subject {subject!r}", about.brand.id)
