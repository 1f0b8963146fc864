"""Where a link in running text ends: closing brackets and punctuation are not part of it."""

from dataclasses import dataclass

_CLOSING = {
    "(": ")",
    "[": "]",
    "{": "}",
    "'": "'",
    "`": "`",
    "*": "*",
    "\u201c": "\u201d",
    "\u201e": "\u201c",
    "\u2018": "\u2019",
    "\u00ab": "\u00bb",
}
_TRAILING = ".,;:!?'\"*`|\\\u2026\u2019\u201d\u00bb\u3001\u3002\uff0c\uff0e\uff1a\uff1b"
_DEEPEST_TAIL = 10  # layers of punctuation behind a link; each costs a look at all of it
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))


@dataclass(frozen=True, slots=True)
class Span:
    """
    A place in a text.

    Attributes:
        start: Index of its first character.
        end: Index after its last character.
        prefix: Scheme that mail clients put before it, "" when it has one.
        is_link: False for a defanged indicator, which takes up the place of a link.
    """

    start: int
    end: int
    prefix: str = ""
    is_link: bool = True


def trimmed(text: str, start: int, end: int) -> int:
    """Return where the link that fills ``text[start:end]`` up to the next blank really ends."""
    link = text[start:end]
    markdown = link.find("](")  # [https://shown](https://target)
    if markdown >= 0:
        link = link[:markdown]
    closing = _CLOSING.get(text[start - 1 : start])
    if closing is not None:
        link = _closed(link, text[start - 1], closing)
    return start + len(_without_tail(link))


def _closed(link: str, opening: str, closing: str) -> str:
    """Cut *link* at the bracket or quote that closes the one before it."""
    if opening == closing or opening not in link:
        return link.partition(closing)[0]
    depth = 0
    for index, char in enumerate(link):
        depth += (char == opening) - (char == closing)
        if depth < 0:
            return link[:index]
    return link


def _without_tail(link: str) -> str:
    """Cut punctuation and closing brackets that were never opened from the end."""
    for _ in range(_DEEPEST_TAIL):
        shorter = link.rstrip(_TRAILING)
        for opening, closing in _PAIRS:
            if shorter.endswith(closing) and shorter.count(opening) < shorter.count(closing):
                shorter = shorter[:-1]
        if shorter == link:
            break
        link = shorter
    return link
