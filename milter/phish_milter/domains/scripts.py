"""Which writing systems a host label mixes (after UTS #39, reduced to what tells tricks)."""

import unicodedata
from functools import lru_cache

_REMEMBERED = 4096
_EVERYWHERE = "COMMON"
# Writing systems that one language uses together (UTS #39 "highly restrictive").
_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)


@lru_cache(maxsize=_REMEMBERED)
def is_mixed(host: str) -> bool:
    """Return whether a label of *host* (ASCII form) mixes writing systems as no language does."""
    return any(_mixes(label) for label in readable(host).split(".") if not label.isascii())


@lru_cache(maxsize=_REMEMBERED)
def readable(host: str) -> str:
    """Return *host* with its punycode labels in Unicode, as some readers see it."""
    if "xn--" not in host:
        return host
    return ".".join(_decoded(label) for label in host.split("."))


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _mixes(label: str) -> bool:
    scripts = {_script(char) for char in label} - {_EVERYWHERE}
    return len(scripts) > 1 and not any(scripts <= group for group in _TOGETHER)


def _script(char: str) -> str:
    if not char.isalpha():
        return _EVERYWHERE
    return unicodedata.name(char, _EVERYWHERE).partition(" ")[0]
