"""
Undo link rewriters and redirectors without asking anybody.

Only services that are known to lead on, and to show no pages of their own under that path, are
undone (``config/lists``).  Elsewhere a URL inside a URL proves nothing: the outer site stays the
target and the inner host becomes a candidate, so that the worse of the two is judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from phish_milter.domains import host_lists
from phish_milter.links import rewriters
from phish_milter.links.decoders import (
    DECODERS,
    as_url,
    first_base64,
    inflated,
    query_pairs,
    url_in_path,
)
from phish_milter.links.model import Trick
from phish_milter.links.url import MOST_CANDIDATES, MOST_CHARACTERS, ParsedUrl, parse
from phish_milter.resources import words

_REDIRECT_PARAMETERS = "redirect-parameters.txt"
_DEEPEST = 8  # a forwarded mail passes two or three gateways; more is made up
_SHORTEST_INNER = 12  # characters; "http://a.bc" does not fit into less


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """
    Where a link leads once every readable wrapper is undone.

    Attributes:
        url: The innermost target.
        wrappers: Hosts that were undone or that hide the target, outermost first.
        unresolved: *url* is not, or not provably, where the reader ends up.
        tricks: Tricks of the URL and of every layer inside it.
        candidates: Further hosts the reader may end up at.
    """

    url: ParsedUrl
    wrappers: tuple[str, ...]
    unresolved: bool
    tricks: frozenset[Trick]
    candidates: tuple[str, ...]


def unwrap(url: ParsedUrl) -> Unwrapped:
    """Undo the known wrappers around the target of *url*, at most eight."""
    wrappers: list[str] = []
    tricks, candidates, hidden = url.tricks, url.candidates, False
    for _ in range(_DEEPEST):
        inner, hidden = _inner(url)
        if inner is None:
            break
        wrappers.append(url.host)
        url, tricks = inner, tricks | inner.tricks
        candidates += tuple(host for host in inner.candidates if host not in candidates)
        if hidden:  # the service names the host and keeps the rest to itself
            break
    else:
        inner, hidden = None, True
    if inner is None and (hidden or _is_opaque(url)):
        wrappers.append(url.host)
        hidden = True
    hosts = (*candidates, *islice(_generic_hosts(url), 2 * MOST_CANDIDATES))
    others = tuple(dict.fromkeys(host for host in hosts if host != url.host))
    return Unwrapped(url, tuple(wrappers), hidden, tricks, others[:MOST_CANDIDATES])


def _inner(url: ParsedUrl) -> tuple[ParsedUrl | None, bool]:
    """Return the URL inside *url*, None when it is no wrapper, and whether the target is hidden."""
    opaque = False
    for rewriter in rewriters.matching(rewriters.shipped(), url.host, url.pathname):
        target = DECODERS[rewriter.decode](url, rewriter.parameters)
        inner = _parsed(target) if target else None
        if inner is not None:
            return inner, rewriter.decode == "announced"
        opaque = opaque or rewriter.opaque
    return None, opaque


def _is_opaque(url: ParsedUrl) -> bool:
    return host_lists.shorteners().matches(url.host, url.pathname) or host_lists.trackers().matches(
        url.host, url.pathname
    )


def _parsed(target: str) -> ParsedUrl | None:
    found = parse(target[:MOST_CHARACTERS])
    return found if found is not None and found.host else None


def _generic_hosts(url: ParsedUrl) -> Iterator[str]:
    """Yield hosts that *url* may lead on to although its host is no known redirector."""
    if len(url.pathname) + len(url.query) < _SHORTEST_INNER:
        return
    for target in _generic_targets(url):
        inner = _parsed(target)
        if inner is not None:
            yield inner.host
            yield from inner.candidates


def _generic_targets(url: ParsedUrl) -> Iterator[str]:
    names = words(_REDIRECT_PARAMETERS)
    for name, value in query_pairs(url.query):
        if name.lower() in names:
            yield as_url(value)
    yield url_in_path(url)
    text = f"{url.pathname}?{url.query}"
    if "aHR0c" in text:
        yield first_base64(url)
    if "/eJ" in text:
        yield from inflated(text)


def warm() -> None:
    """Read the lists now, so that no message pays for it."""
    rewriters.shipped()
    host_lists.shorteners()
    host_lists.trackers()
    words(_REDIRECT_PARAMETERS)
