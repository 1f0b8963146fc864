"""
Find hosts without a scheme in running text (``pypi.example/login``) as mail clients link them.

Files (``setup.py``), attributes (``os.path``), versions and mail addresses look alike and must
not become links: the last label has to be a registry's suffix, and one that also ends file names
(``config/lists/file-suffixes.txt``) counts only with a path behind it.
"""

import re
from collections.abc import Iterator

from phish_milter.domains.registrable import is_registered_name, known_tlds
from phish_milter.links.text_boundaries import Span, trimmed
from phish_milter.resources import words

_LONGEST_HOST = 253  # RFC 1035
_SHORTEST_NUMBER = 3  # 163.com is a host, 1.2.dev a version
_EAST_ASIAN = "\u2e80"  # from here on scripts are written without spaces: never part of a host

# A dot between a word and something that can be the rest of a host name.
_DOT = re.compile(
    r"\.((?:[A-Za-z0-9\u00a1-\u2e7f][\w-]{0,62}\.){0,8}"
    r"(?:[A-Za-z\u00a1-\u2e7f]{2,24}|xn--[A-Za-z0-9-]{2,59}))(?![A-Za-z0-9_@\u00a1-\u2e7f-])"
)
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
_TAIL = re.compile(
    r"(?::\d{2,5}(?=/))?(?:[/?#][^\s<>\"\x00-\x1f\u3001\u3002\u3008-\u3011\uff08-\uff0c]{0,4096})?"
)
_MAY_PRECEDE = frozenset(" \t\r\n\x0b\x0c\xa0<([{\"'`*|>,;:!\u201c\u201e\u2018\u00ab\u2022\u2192")
_MAY_FOLLOW = frozenset(" \t\r\n\x0b\x0c\xa0<>)]}\"'`*|,;:!?.\u201d\u2019\u00bb\u2026/#")
_FILE_SUFFIXES = "file-suffixes.txt"  # they end file names more often than hosts
# Templates for "configure" and packaging that end in the suffix of India.
_TEMPLATES = frozenset({"manifest.in", "makefile.in", "configure.in", "config.in", "config.h.in"})


def bare_hosts(text: str) -> Iterator[Span]:
    """Yield the hosts without scheme in *text* with the path that follows them."""
    tlds = known_tlds()
    for found in _DOT.finditer(text):
        rest = found[1]
        if rest[rest.rfind(".") + 1 :].lower() in tlds:
            span = _span(text, found.start(), found.end())
            if span is not None:
                yield span


def _span(text: str, dot: int, end: int) -> Span | None:
    start = _start(text, dot)
    if start == dot or not _stands_alone(text, start, end):
        return None
    host = text[start:end]
    tail = _TAIL.match(text, end)
    stop = trimmed(text, start, tail.end() if tail is not None else end)
    if not _is_host(host) or not _is_meant(host, has_path=stop > end + 1):
        return None
    return Span(start, max(stop, end), prefix="http://")


def _start(text: str, dot: int) -> int:
    start, least = dot, max(0, dot - _LONGEST_HOST)
    while start > least:
        char = text[start - 1]
        if not (char.isalnum() or char in "-._") or char >= _EAST_ASIAN:
            break
        start -= 1
    return start


def _stands_alone(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    if before and before not in _MAY_PRECEDE and before < _EAST_ASIAN:
        return False
    if after and after not in _MAY_FOLLOW and after < _EAST_ASIAN:
        return False
    continued = after == "." and text[end + 1 : end + 2].isalnum()
    return not continued and text[start - 2 : start] != "::"


def _is_host(host: str) -> bool:
    labels = host.split(".")
    if "_" in host or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    return is_registered_name(host.lower())


def _is_meant(host: str, *, has_path: bool) -> bool:
    """Return whether the writer meant a host, not a file, a version or a missing blank."""
    name, _, tld = host.rpartition(".")
    if not (tld.islower() or host.isupper()):  # "finished.In the next"
        return False
    if has_path:
        return True
    if tld.lower() in words(_FILE_SUFFIXES) or host.lower() in _TEMPLATES:
        return name.lower().startswith("www.")
    numbers = name.lower().removeprefix("v").replace(".", "")
    return len(numbers) >= _SHORTEST_NUMBER if numbers.isdigit() else len(name) > 1


def warm() -> None:
    """Read the suffixes now, so that no message pays for it."""
    known_tlds()
    words(_FILE_SUFFIXES)
