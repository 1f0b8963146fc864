"""
The subject speaks as the brand: by its tag, or as a letterhead does.

Why it matters:
    Readers and filter rules file mail by the tag.  It is a claim only: genuine mail
    carries the very same subjects.

Fires on:
    `[PyPI] Email verification`, also after a gateway's `[EXTERNAL]`; `Your PyPI account
    is limited`, `PyPI: action needed`, `Notice from PyPI`.  Beside a lure the sender speaks
    as the brand; on the way to the sender's own pages two are needed.

Stays silent on:
    `Re:` and `Fwd:` before the tag where the mail quotes or forwards something,
    `Automatic reply:`, `[pypi/warehouse]`.

Known evasions:
    Leaving the tag out.
"""

from collections.abc import Iterator

from phish_milter.detection.claims import Trait
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

SUBJECT_BRAND_TAG = Symbol(
    name="SUBJECT_BRAND_TAG",
    role=Role.CLAIM,
    summary="Subject begins with the brand's tag",
    score=1.5,
    check=__name__,
)
SUBJECT_BRAND_VOICE = Symbol(
    name="SUBJECT_BRAND_VOICE",
    role=Role.CLAIM,
    summary="Subject speaks as the brand",
    score=1.5,
    check=__name__,
)
SYMBOLS = (SUBJECT_BRAND_TAG, SUBJECT_BRAND_VOICE)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one claim for the tag and one for the wording of the subject."""
    for about in facts.claimed():
        if subject := about.identity.traits.get(Trait.SUBJECT_TAG):
            yield Finding(SUBJECT_BRAND_TAG, f"subject {subject!r}", about.brand.id)
        if words := about.identity.traits.get(Trait.SUBJECT_VOICE):
            yield Finding(SUBJECT_BRAND_VOICE, f"subject says {words!r}", about.brand.id)
