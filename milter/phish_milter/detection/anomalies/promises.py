"""Promises of prizes and payments in many languages: the offers of surveys, casinos and fees."""

import re
from collections.abc import Iterable
from functools import lru_cache

from phish_milter.resources import phrases
from phish_milter.text.folding import fold

_LONGEST = 6_000  # characters looked at: a prize is promised early


@lru_cache(maxsize=1)
def _wordings() -> re.Pattern[str]:
    wordings = set(map(fold, phrases("bait-words.txt")))
    ordered = sorted(wordings, key=lambda wording: (-len(wording), wording))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, ordered))})")


def warm() -> None:
    """Compile the wordings now, so that no message pays for it."""
    _wordings()


def bait(texts: Iterable[str]) -> str:
    """Return the first promise in the folded *texts*, "" when there is none."""
    for text in texts:
        found = _wordings().search(text[:_LONGEST])
        if found:
            return found[0]
    return ""
