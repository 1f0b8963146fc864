"""
The sender's name or the subject is written so that programs cannot read it.

Why it matters:
    Letters of other scripts and formulas, invisible characters inside words and
    marks on letters look like plain words to a reader and like nothing to a filter.
    Nobody types them by accident.

Fires on:
    A Latin word with a Cyrillic letter in it, `C o i n b a s e`, words in letters
    of formulas, zero-width characters inside words, a well-known name with l for I.

Stays silent on:
    Emoji, accents, words of other scripts, units such as a micro sign, padding
    between words.

Known evasions:
    Misspelling; text as a picture.
"""

from collections.abc import Iterator

from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

LETTERS_DISGUISED = Symbol(
    name="LETTERS_DISGUISED",
    role=Role.SUSPICION,
    summary="Letters of the sender's name or the subject are disguised",
    score=3.0,
    check=__name__,
)
SYMBOLS = (LETTERS_DISGUISED,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the suspicion with the kind of disguise."""
    if evidence := facts.anomaly(Anomaly.DISGUISED_LETTERS):
        yield Finding(LETTERS_DISGUISED, evidence)
