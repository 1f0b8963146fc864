"""
Undo link rewriters and redirectors without asking anybody.

Only services that are known to lead on, and to show no pages of their own under that path, are
undone (``config/lists``).  Elsewhere a URL inside a URL proves nothing: the outer site stays the
target and the inner host becomes a candidate, so that the worse of the two is judged.
"""

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from urllib.parse import unquote, unquote_plus

from phish_milter.domains import host_lists as lists
from phish_milter.links import rewriters
from phish_milter.links.model import Trick
from phish_milter.links.rewriters import Rewriter
from phish_milter.links.url import MOST_CANDIDATES, MOST_CHARACTERS, ParsedUrl, host_of, parse
from phish_milter.message.decode import base64_forgiving

_DEEPEST = 8  # a forwarded mail passes two or three gateways; more is made up
_ENCODED_TIMES = 4  # each gateway percent-encodes once more
_SCHEME_LOOK = 64  # characters that hold "https://" even when encoded so often
_MOST_PARAMETERS = 32  # trackers carry about 20
_SHORTEST_INNER = 12  # characters; "http://a.bc" does not fit into less
_MOST_INFLATED = 16_384  # bytes a compressed tracking token may unpack to

# Parameters by which sites are told where to send the reader afterwards.
_REDIRECT_NAMES = frozenset(
    str.split(
        "adurl continue dest dest_url destination destination_url destinationurl forward go "
        "goto href l link location logout_redirect_uri next out post_logout_redirect_uri q r "
        "redir redirect redirect_to redirect_uri redirect_url redirecturi redirecturl ref_url "
        "relaystate return return_path return_to return_url returnto returnurl ru service "
        "sessionredirect src target target_link_uri target_url targeturl to u uri url view "
        "wreply "
    )
)
_WEB_URL = re.compile(r"https?:[/\\]", re.IGNORECASE)
_URL_IN_PATH = re.compile(r"(?<=/)https?(?::|%3A)(?:/|%2F){1,2}", re.IGNORECASE)
_BASE64_URL = re.compile(r"(?<=[/=])aHR0c[A-Za-z0-9_-]{8,2000}")
_BASE64_JSON = re.compile(r"(?<=[/=])eyJ[A-Za-z0-9_-]{8,4000}")
_BASE64_ZLIB = re.compile(r"(?<=/)eJ[A-Za-z0-9_-]{20,4000}")
_JSON_TARGET = re.compile(r'"https?:(?:\\*/){2}[^"\s]{4,2000}"', re.IGNORECASE)
_INFLATED_TARGET = re.compile(r"(?:^|&)l=(https?%3A[^&\s]+|https?:[^&\s]+)", re.IGNORECASE)
_PROOFPOINT_3 = re.compile(r"/v3/__(.+?)__;([A-Za-z0-9_=-]*)!")
_REPLACED = re.compile(r"\*(?:\*(.))?")
_ONE_SLASH = re.compile(r"\A(https?):/(?=[^/])", re.IGNORECASE)
_TO_URLSAFE = str.maketrans("+ /", "--_")  # a space was a plus before the query was decoded
_RUN_LENGTHS = MappingProxyType(
    {
        letter: length
        for length, letter in enumerate(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", start=2
        )
    }
)


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
        target = _DECODERS[rewriter.decode](url, rewriter)
        inner = _parsed(target) if target else None
        if inner is not None:
            return inner, rewriter.decode == "announced"
        opaque = opaque or rewriter.opaque
    return None, opaque


def _is_opaque(url: ParsedUrl) -> bool:
    return lists.shorteners().matches(url.host, url.pathname) or lists.trackers().matches(
        url.host, url.pathname
    )


def _parsed(target: str) -> ParsedUrl | None:
    found = parse(target[:MOST_CHARACTERS])
    return found if found is not None and found.host else None


def _as_url(value: str) -> str:
    """Return *value* as an absolute web URL, however often it is percent-encoded, else ""."""
    start = value[:_SCHEME_LOOK]
    for times in range(_ENCODED_TIMES):
        if _WEB_URL.match(start):
            for _ in range(times):
                value = unquote(value)
            return _ONE_SLASH.sub(r"\1://", value)
        if "%" not in start:
            break
        start = unquote(start)
    if value.startswith("aHR0c"):
        return _base64(value)
    return f"https:{value}" if value.startswith("//") else ""


def _base64(value: str) -> str:
    return _base64_bytes(value).decode("utf-8", "replace")


def _base64_bytes(value: str) -> bytes:
    return base64_forgiving(unquote(value)[:MOST_CHARACTERS])


def _parameters(query: str) -> Iterator[tuple[str, str]]:
    """Yield names and still encoded values; a semicolon after entities stays part of them."""
    for pair in query.split("&", _MOST_PARAMETERS)[:_MOST_PARAMETERS]:
        name, _, value = pair.removeprefix("amp;").partition("=")
        yield name, value


def _parameter(url: ParsedUrl, rewriter: Rewriter) -> str:
    values = dict(reversed(tuple(_parameters(url.query))))
    for name in rewriter.parameters:
        value = unquote_plus(values.get(name, ""))
        target = _as_url(value) or (f"http://{value}" if host_of(value.split("/")[0]) else "")
        if target:
            return target
    return ""


def _query(url: ParsedUrl, _: Rewriter) -> str:
    return _as_url(url.query)


def _path(url: ParsedUrl, _: Rewriter) -> str:
    return _url_in_path(url) or _first_base64(url)


def _url_in_path(url: ParsedUrl) -> str:
    found = _URL_IN_PATH.search(url.pathname)
    if found is None:
        return ""
    rest = url.pathname[found.start() :]
    if "/" in found.group():  # written plainly: the rest of the path and the query belong to it
        return _as_url(f"{rest}?{url.query}" if url.query else rest)
    return _as_url(rest.partition("/")[0])


def _first_base64(url: ParsedUrl) -> str:
    found = _BASE64_URL.search(f"{url.pathname}?{url.query}")
    return _base64(found.group()) if found else ""


def _proofpoint_2(url: ParsedUrl, _: Rewriter) -> str:
    value = dict(_parameters(url.query)).get("u", "")
    return _as_url(unquote(value.replace("-", "%").replace("_", "/")))


def _proofpoint_3(url: ParsedUrl, _: Rewriter) -> str:
    found = _PROOFPOINT_3.match(url.path)
    if found is None:
        return ""
    replacements = iter(_base64(found[2]))

    def restore(star: re.Match[str]) -> str:
        length = _RUN_LENGTHS.get(star[1], 1) if star[1] else 1
        return "".join(next(replacements, "") for _ in range(length))

    return _as_url(_REPLACED.sub(restore, unquote(found[1])))


def _underscores(url: ParsedUrl, _: Rewriter) -> str:
    pieces = url.path.split("___")
    return _as_url(pieces[1]) if len(pieces) > 2 else ""


def _json(url: ParsedUrl, _: Rewriter) -> str:
    for found in _BASE64_JSON.finditer(f"{url.pathname}?{url.query}"):
        target = _JSON_TARGET.search(_base64(found.group()))
        if target is not None:
            return _as_url(_unescaped(target.group()))
    return ""


def _unescaped(quoted: str) -> str:
    """Undo JSON strings, also a JSON document inside a string of another."""
    try:
        return str(json.loads(quoted)).replace("\\/", "/")
    except ValueError:
        return quoted.strip('"').replace("\\", "")


def _host(url: ParsedUrl, _: Rewriter) -> str:
    label = url.host.partition(".")[0]
    return f"https://{label.replace('--', '/').replace('-', '.').replace('/', '-')}{url.path}"


def _amp(url: ParsedUrl, _: Rewriter) -> str:
    found = re.search(r"/(?:amp|[cvir](?:/[a-z])?)/(s/)?([^/]+\.[^/].*)", url.path)
    if found is None:
        return ""
    return f"http{'s' if found[1] else ''}://{unquote(found[2])}"


def _yahoo(url: ParsedUrl, _: Rewriter) -> str:
    found = re.search(r"/RU=([^/]+)", url.path)
    return _as_url(found[1]) if found else ""


def _bing(url: ParsedUrl, _: Rewriter) -> str:
    value = dict(_parameters(url.query)).get("u", "")
    return _as_url(value.removeprefix("a1"))


def _announced(url: ParsedUrl, rewriter: Rewriter) -> str:
    values = dict(_parameters(url.query))
    host = next((host_of(values[name]) for name in rewriter.parameters if name in values), "")
    return f"https://{host}/" if "." in host else ""


def _nothing(_: ParsedUrl, __: Rewriter) -> str:
    return ""


_DECODERS: Mapping[str, Callable[[ParsedUrl, Rewriter], str]] = MappingProxyType(
    {
        "parameter": _parameter,
        "path": _path,
        "query": _query,
        "proofpoint-v2": _proofpoint_2,
        "proofpoint-v3": _proofpoint_3,
        "underscores": _underscores,
        "json": _json,
        "host": _host,
        "amp": _amp,
        "yahoo": _yahoo,
        "bing": _bing,
        "announced": _announced,
        "nothing": _nothing,
    }
)


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
    for name, value in _parameters(url.query):
        if name.lower() in _REDIRECT_NAMES:
            yield _as_url(value)
    yield _url_in_path(url)
    text = f"{url.pathname}?{url.query}"
    if "aHR0c" in text:
        yield _first_base64(url)
    if "/eJ" in text:
        yield from _inflated(text)


def _inflated(text: str) -> Iterator[str]:
    """Yield targets of trackers that compress a query string into the path."""
    for found in _BASE64_ZLIB.finditer(text):
        try:
            packed = _base64_bytes(found.group())
            content = zlib.decompressobj().decompress(packed, _MOST_INFLATED)
        except zlib.error:
            continue
        target = _INFLATED_TARGET.search(content.decode("utf-8", "replace"))
        if target is not None:
            yield _as_url(target[1])


def warm() -> None:
    """Read the lists now, so that no message pays for it."""
    rewriters.shipped()
    lists.shorteners()
    lists.trackers()
