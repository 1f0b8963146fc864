"""Text that style sheets put before and after elements (CSS Generated Content, ``content:``)."""

import re
from collections.abc import Iterator
from typing import Final

from phish_milter.message.html.css import unescaped

_MAX_TEXT: Final = 500  # characters of one ``content``
_CONTENT: Final = re.compile(r"(?i)(?:^|[;\s])content\s{0,9}:([^;]{1,600})")
_STRINGS: Final = re.compile(
    r"""(?i)"((?:[^"\\]|\\.){0,300})"|'((?:[^'\\]|\\.){0,300})'|attr\(\s{0,9}([\w-]{1,60})"""
)
_PSEUDO: Final = re.compile(r"(?i)\s*::?(before|after)\s*\Z")

Made = tuple[tuple[str, str], ...]  # text, or the name of the attribute that holds it


def rules(selector: str, declarations: str) -> Iterator[tuple[str, str, Made]]:
    """Yield the element, ``before`` or ``after``, and the text for each part of a *selector*."""
    content = _CONTENT.search(declarations)
    if content is None:
        return
    made = tuple((m[1] or m[2] or "", m[3] or "") for m in _STRINGS.finditer(content[1]))
    if not any(text or name for text, name in made):
        return
    for part in selector.split(","):
        where = _PSEUDO.search(part)
        if where is not None:
            yield part[: where.start()].strip() or "*", where[1].lower(), made


def text(made: Made, attributes: dict[str, str | None]) -> str:
    """Return what is shown beside an element with *attributes*."""
    pieces = (
        unescaped(string) if string else attributes.get(name.lower()) or "" for string, name in made
    )
    return "".join(pieces)[:_MAX_TEXT]
