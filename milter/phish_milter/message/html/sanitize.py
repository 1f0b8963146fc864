"""
Make hostile HTML harmless to the parser before it sees it.

Standard HTML parsing is quadratic in the depth of open elements, in the attributes of one
tag and in formatting elements that are reopened in every paragraph. Ordinary HTML passes
through untouched after two cheap counts; only suspicious HTML is read tag by tag.
"""

import re
from typing import Final

from phish_milter.message import defects
from phish_milter.message.limits import ends

MAX_DEPTH: Final = 500  # open elements; browsers stop near 512, mail stays below 100
MAX_FORMATTING: Final = 60  # open formatting elements; each is reopened in every paragraph
_MAX_ATTRIBUTES: Final = 200  # of one tag; real ones have below 30
_FAR_TOO_MANY: Final = 4  # times the budget: above it even parsing costs too much
_SAFE_OPEN: Final = 2000  # start tags: cost at worst some milliseconds
_SAFE_PRODUCT: Final = 50_000  # formatting tags times all tags: nodes at worst
_SAFE_TAG: Final = 6000  # characters of a tag: cost at worst some milliseconds
_SAFE_LENGTH: Final = 24_000  # characters: even one tag as long costs below 0.2 s

_FORMATTING: Final = frozenset(
    {
        "a",
        "b",
        "big",
        "code",
        "em",
        "font",
        "i",
        "nobr",
        "s",
        "small",
        "strike",
        "strong",
        "tt",
        "u",
    }
)
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"}
    | {"source", "track", "wbr"}
)
_FORMATTING_TAG: Final = re.compile(rf"(?i)<(?:{'|'.join(sorted(_FORMATTING))})[\s>/]")
# Quotes delimit a value only after "=": elsewhere a ">" inside of them ends the tag.
_TAG: Final = re.compile(
    r"""<(/?)([a-zA-Z][^\s/>]{0,60})((?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+'|))*+)>?"""
)
_ATTRIBUTE: Final = re.compile(r"""[^\s=/>"']++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']++))?""")


def sanitize(html: str, max_tags: int, found: set[str]) -> str:
    """
    Return HTML that parses in linear time and reads the same up to the depth limit.

    Of far more than *max_tags* tags only the start and the end are returned.
    """
    tags = html.count("<")
    if tags > _FAR_TOO_MANY * max_tags:
        found.add(defects.TOO_MANY_TAGS)
        html = ends(html, len(html) * _FAR_TOO_MANY * max_tags // tags)
    opened = tags - html.count("</")
    formatting = len(_FORMATTING_TAG.findall(html)) if opened > 200 else 0
    ordinary = opened <= _SAFE_OPEN and formatting * opened <= _SAFE_PRODUCT
    if ordinary and (len(html) <= _SAFE_LENGTH or _longest_tag(html) <= _SAFE_TAG):
        return html
    return _Sanitizer(found).run(html)


def _longest_tag(html: str) -> int:
    return max((match.end() - match.start() for match in _TAG.finditer(html)), default=0)


class _Sanitizer:
    """Copies HTML tag by tag and leaves out the start tags that would nest too deep."""

    def __init__(self, found: set[str]) -> None:
        self._found = found
        self._open: list[str] = []
        self._formatting = 0

    def run(self, html: str) -> str:
        return _TAG.sub(self._tag, html)

    def _tag(self, match: re.Match[str]) -> str:
        name = match[2].lower()
        if match[1]:
            return self._close(name, match[0])
        if name in _VOID:
            return self._attributes(match)
        if len(self._open) >= MAX_DEPTH or (
            name in _FORMATTING and self._formatting >= MAX_FORMATTING
        ):
            self._found.add(defects.DEEP_HTML)
            return self._shallow(name, match)
        again = name in _IMPLIED and self._open[-1:] == [name]
        if not again and not match[3].endswith("/"):
            self._open.append(name)
            self._formatting += name in _FORMATTING
        return self._attributes(match)

    def _shallow(self, name: str, match: re.Match[str]) -> str:
        # A link is kept whatever the depth: closed at once, it nests nothing.
        return f"{self._attributes(match)}</a>" if name == "a" else " "

    def _close(self, name: str, text: str) -> str:
        for back, opened in enumerate(reversed(self._open[-_REACH:]), 1):
            if opened == name:
                dropped = self._open[-back:]
                self._formatting -= sum(tag in _FORMATTING for tag in dropped)
                del self._open[-back:]
                return text
        return text if name in _END_ALONE else " "

    def _attributes(self, match: re.Match[str]) -> str:
        if len(match[3]) <= _SAFE_TAG:
            return match[0]
        attributes = _ATTRIBUTE.findall(match[3])
        if len(attributes) <= _MAX_ATTRIBUTES:
            return match[0]
        self._found.add(defects.LONG_TAG)
        kept = (
            attributes[:_MAX_ATTRIBUTES]
            + [a for a in attributes[_MAX_ATTRIBUTES:] if _LEADS.match(a)][:_MAX_ATTRIBUTES]
        )
        return f"<{match[2]} {' '.join(kept)}>"


_REACH: Final = 30  # open elements an end tag may close at once; sloppy HTML needs a few
# An open one ends where the next one starts.
_IMPLIED: Final = frozenset({"p", "li", "dt", "dd", "tr", "td", "th", "option"})
_END_ALONE: Final = frozenset({"br", "p"})  # these end tags make an element of their own
_LEADS: Final = re.compile(
    r"(?i)(?:href|action|formaction|src|data|xlink:href|style|type|name)\s*="
)
