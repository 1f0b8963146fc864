"""
Find the URLs and hosts in plain text that mail clients turn into links.

The text is searched for "://" and for dots that join words; everything else is looked at only
around such places, so prose costs next to nothing.  Indicators written for people ("defanged":
``hxxp``, ``[.]``) are not links.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import accumulate, islice
from operator import attrgetter

from phish_milter.domains.registrable import is_registered_name
from phish_milter.links.bare_hosts import bare_hosts
from phish_milter.links.text_boundaries import Span, trimmed
from phish_milter.links.url import parse
from phish_milter.text.invisible import DROPPED_IN_LINKS

# Enough of a URL to tell its host from others and to open it.
_ROUGH_URL = re.compile(r"https?:[\\/]{2}([^\s/?#\\<>\"']{1,300})[^\s<>\"']{0,2000}", re.IGNORECASE)
MOST_FOUND = 1000  # links per text; a digest of a busy forum has about 400
_LONGEST_LABEL = 200  # characters before <URL> that can pass for its link text
_LONGEST_WRAPPED = 2000
_MOST_WRAPPED_LINES = 20

_INVISIBLE = re.compile(f"[\u034f{DROPPED_IN_LINKS}]+")
_SCHEME_END = re.compile(r":(?://|\\\\)(?=[^\s/<>\"'])")
_SCHEMES = ("https", "http", "ftp")
# Full-width punctuation ends a URL: writers of Chinese and Japanese put no space after one.
_STOP = r"\s<>\"\x00-\x1f\u3001\u3008-\u3011\uff08\uff09\uff0c\uff1a\uff1b\uff1f\uff01"
_HOST_PART = re.compile(rf"[^{_STOP}/?#\\]{{1,300}}")
_REST = re.compile(rf"[/?#\\][^{_STOP}\u3002]{{0,4096}}")
_EAST_ASIAN = re.compile("[\u2e80-\uffff]")
_DEFANGED = re.compile(r"[\[({](?:\.|dot|punkt|point|punto)[\])}]", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t\r>|]*\n")


@dataclass(frozen=True, slots=True)
class Found:
    """
    A link in a text.

    Attributes:
        written: As it stands there, invisible characters taken out, lines joined.
        url: The same with the scheme a mail client puts before it.
        label: Text before it on its line, when it stands in angle brackets.
        broken_up: Invisible characters stood inside it.
    """

    written: str
    url: str
    label: str = ""
    broken_up: bool = False


def find(text: str, *, most: int = MOST_FOUND) -> list[Found]:
    """Return the links of *text* in order, at most *most*."""
    if "." not in text and "://" not in text:
        return []
    clean, gaps = _visible(text)
    return list(islice(_found(clean, gaps), most))


def first_of_hosts(text: str) -> list[Found]:
    """Return one link per host of a *text* with too many, as long as they have a scheme."""
    first: dict[str, str] = {}
    for match in _ROUGH_URL.finditer(text):
        first.setdefault(match[1].lower(), match[0])
        if len(first) == MOST_FOUND:
            break
    return [found for url in first.values() for found in find(url, most=1)]


def host_shown(text: str) -> str:
    """
    Return the host that a short *text* names, in the form of ``Link.host``, or "".

    "Go to pypi.org now" names one; "Verify now" and "setup.py" do not.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("\u3002", ".")
    for found in find(text, most=1):
        parsed = parse(found.url)
        return parsed.host if parsed is not None else ""
    return ""


def _visible(text: str) -> tuple[str, tuple[int, ...]]:
    """Return *text* without invisible characters, and where in the result they were."""
    if text.isascii() or _INVISIBLE.search(text) is None:
        return text, ()
    pieces = _INVISIBLE.split(text)
    return "".join(pieces), tuple(accumulate(map(len, pieces[:-1])))


def _found(text: str, gaps: tuple[int, ...]) -> Iterator[Found]:
    previous = 0
    for span in merge(_with_scheme(text), bare_hosts(text), key=attrgetter("start")):
        if span.start < previous:
            continue
        start, end = span.start, span.end
        written = text[start:end]
        label = ""
        if text[start - 1 : start] == "<":
            label = _label(text, start)
            written, end = _joined(text, span)
        if span.is_link:
            at = bisect_left(gaps, start + 1)
            broken = at < len(gaps) and gaps[at] < end
            yield Found(written, span.prefix + written, label, broken)
        previous = end


def _with_scheme(text: str) -> Iterator[Span]:
    end = 0
    for found in _SCHEME_END.finditer(text):
        at = found.start()
        if at < end:  # a URL inside a URL
            continue
        before = text[max(0, at - 5) : at].lower()
        scheme = next((s for s in _SCHEMES if before.endswith(s)), "")
        host = _HOST_PART.match(text, found.end()) if scheme else None
        if host is not None:
            span = _url_span(text, at - len(scheme), host)
            yield span
            end = span.end


def _url_span(text: str, start: int, host: re.Match[str]) -> Span:
    end = host.end()
    if not host.group().isascii():
        foreign = _EAST_ASIAN.search(host.group())
        if foreign is not None and is_registered_name(host.group()[: foreign.start()].lower()):
            return Span(start, host.start() + foreign.start())
    rest = _REST.match(text, end)
    if rest is not None:
        end = rest.end()
    end = trimmed(text, start, end)
    return Span(start, end, is_link=_DEFANGED.search(host.group()) is None)


def _label(text: str, start: int) -> str:
    """Return what stands before "<" on the line: the link text of HTML turned into text."""
    before = text[max(0, start - 1 - _LONGEST_LABEL) : start - 1]
    line = before[before.rfind("\n") + 1 :]
    return line.strip(" \t\r>|*[]").rpartition(">")[2].strip()


def _joined(text: str, span: Span) -> tuple[str, int]:
    """Return the whole URL between "<" and ">" when lines were broken inside it."""
    written = text[span.start : span.end]
    if text[span.end : span.end + 1] not in ("\r", "\n"):
        return written, span.end
    close = text.find(">", span.end, span.start + _LONGEST_WRAPPED)
    inside = text[span.start : close] if close > 0 else "<"
    lines = [line.strip() for line in inside.splitlines()]
    whole = "<" not in inside and _BLANK_LINE.search(inside) is None
    if not whole or len(lines) > _MOST_WRAPPED_LINES or any(" " in line for line in lines):
        return written, span.end
    return "".join(lines), close
