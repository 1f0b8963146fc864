"""What HTML loads by itself: backgrounds, sets of pictures, style sheets and drawn pictures."""

import re
from collections.abc import Iterator
from typing import Final

Attributes = dict[str, str | None]

_MOST_OF_ONE: Final = 20  # URLs of one attribute or sheet; a font list has about ten
_MAX_CSS: Final = 128 * 1024  # characters of one style sheet that are searched
_MAX_SET: Final = 16_384  # characters of one srcset
# CSS Syntax Level 3: url(x), url("x") and @import "x".
_CSS_URL: Final = re.compile(
    r"""(?i)(?:url\(\s{0,8}["']?|@import\s{1,8}["'])\s{0,8}([^"'()\s]{4,2000})"""
)
_CANDIDATE: Final = re.compile(r"[^\s,]\S{3,4000}")
_ELSEWHERE: Final = ("http:", "https:", "//", "\\\\")


def loaded(tag: str, attributes: Attributes) -> Iterator[tuple[str, str]]:
    """Yield source and URL of what one element loads from elsewhere without a click."""
    if "background" in attributes:
        yield from _outside("html:background", attributes["background"] or "")
    if "srcset" in attributes:
        for url in _candidates(attributes["srcset"] or ""):
            yield from _outside("html:srcset", url)
    if "style" in attributes:
        style = attributes["style"] or ""
        if "(" in style:
            yield from sheet(style)
    if tag == "image":
        for name in ("href", "xlink:href"):
            yield from _outside("html:image", attributes.get(name) or "")


def sheet(css: str) -> Iterator[tuple[str, str]]:
    """Yield source and URL of what a style sheet or a style attribute loads."""
    found = _CSS_URL.finditer(css, 0, _MAX_CSS)
    for _, match in zip(range(_MOST_OF_ONE), found, strict=False):
        yield from _outside("html:css", match[1])


def _candidates(value: str) -> Iterator[str]:
    """Yield the URLs of a ``srcset``; a URL may hold commas, but not end with one."""
    for _, match in zip(range(_MOST_OF_ONE), _CANDIDATE.finditer(value[:_MAX_SET]), strict=False):
        yield match[0].rstrip(",")


def _outside(source: str, url: str) -> Iterator[tuple[str, str]]:
    url = url.strip()
    if url[:8].lower().startswith(_ELSEWHERE):
        yield source, url
