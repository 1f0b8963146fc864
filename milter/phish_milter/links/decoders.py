"""
The ways in which link rewriters and redirectors write their target, one function each.

A decoder takes the URL and the query parameters its service uses, and returns the target as an
absolute URL, "" if it cannot be read.  It trusts nothing: what it returns is parsed again.
"""

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from urllib.parse import unquote, unquote_plus

from phish_milter.links.url import MOST_CHARACTERS, ParsedUrl, host_of
from phish_milter.message.decode import base64_forgiving

_ENCODED_TIMES = 4  # each gateway percent-encodes once more
_SCHEME_LOOK = 64  # characters that hold "https://" even when encoded so often
_MOST_PARAMETERS = 32  # trackers carry about 20
_WEB_URL = re.compile(r"https?:[/\\]", re.IGNORECASE)
_URL_IN_PATH = re.compile(r"(?<=/)https?(?::|%3A)(?:/|%2F){1,2}", re.IGNORECASE)
_BASE64_URL = re.compile(r"(?<=[/=])aHR0c[A-Za-z0-9_-]{8,2000}")
_BASE64_JSON = re.compile(r"(?<=[/=])eyJ[A-Za-z0-9_-]{8,4000}")
_JSON_TARGET = re.compile(r'"https?:(?:\\*/){2}[^"\s]{4,2000}"', re.IGNORECASE)
_PROOFPOINT_3 = re.compile(r"/v3/__(.+?)__;([A-Za-z0-9_=-]*)!")
_REPLACED = re.compile(r"\*(?:\*(.))?")
_ONE_SLASH = re.compile(r"\A(https?):/(?=[^/])", re.IGNORECASE)
_MOST_INFLATED = 16_384  # bytes a compressed tracking token may unpack to
_BASE64_ZLIB = re.compile(r"(?<=/)eJ[A-Za-z0-9_-]{20,4000}")
_INFLATED_TARGET = re.compile(r"(?:^|&)l=(https?%3A[^&\s]+|https?:[^&\s]+)", re.IGNORECASE)
_RUN_LENGTHS = MappingProxyType(
    {
        letter: length
        for length, letter in enumerate(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", start=2
        )
    }
)


Parameters = tuple[str, ...]
Decoder = Callable[[ParsedUrl, Parameters], str]


def as_url(value: str) -> str:
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


def query_pairs(query: str) -> Iterator[tuple[str, str]]:
    """Yield names and still encoded values; a semicolon after entities stays part of them."""
    for pair in query.split("&", _MOST_PARAMETERS)[:_MOST_PARAMETERS]:
        name, _, value = pair.removeprefix("amp;").partition("=")
        yield name, value


def _parameter(url: ParsedUrl, parameters: Parameters) -> str:
    values = dict(reversed(tuple(query_pairs(url.query))))
    for name in parameters:
        value = unquote_plus(values.get(name, ""))
        target = as_url(value) or (f"http://{value}" if host_of(value.split("/")[0]) else "")
        if target:
            return target
    return ""


def _query(url: ParsedUrl, _: Parameters) -> str:
    return as_url(url.query)


def _path(url: ParsedUrl, _: Parameters) -> str:
    return url_in_path(url) or first_base64(url)


def url_in_path(url: ParsedUrl) -> str:
    """Return the URL in the path of *url*, with all that follows if it is written plainly."""
    found = _URL_IN_PATH.search(url.pathname)
    if found is None:
        return ""
    rest = url.pathname[found.start() :]
    if "/" in found.group():  # written plainly: the rest of the path and the query belong to it
        return as_url(f"{rest}?{url.query}" if url.query else rest)
    return as_url(rest.partition("/")[0])


def first_base64(url: ParsedUrl) -> str:
    """Return the first URL that path or query of *url* hold in Base64, "" without one."""
    found = _BASE64_URL.search(f"{url.pathname}?{url.query}")
    return _base64(found.group()) if found else ""


def _proofpoint_2(url: ParsedUrl, _: Parameters) -> str:
    value = dict(query_pairs(url.query)).get("u", "")
    return as_url(unquote(value.replace("-", "%").replace("_", "/")))


def _proofpoint_3(url: ParsedUrl, _: Parameters) -> str:
    found = _PROOFPOINT_3.match(url.path)
    if found is None:
        return ""
    replacements = iter(_base64(found[2]))

    def restore(star: re.Match[str]) -> str:
        length = _RUN_LENGTHS.get(star[1], 1) if star[1] else 1
        return "".join(next(replacements, "") for _ in range(length))

    return as_url(_REPLACED.sub(restore, unquote(found[1])))


def _underscores(url: ParsedUrl, _: Parameters) -> str:
    pieces = url.path.split("___")
    return as_url(pieces[1]) if len(pieces) > 2 else ""


def _json(url: ParsedUrl, _: Parameters) -> str:
    for found in _BASE64_JSON.finditer(f"{url.pathname}?{url.query}"):
        target = _JSON_TARGET.search(_base64(found.group()))
        if target is not None:
            return as_url(_unescaped(target.group()))
    return ""


def _unescaped(quoted: str) -> str:
    """Undo JSON strings, also a JSON document inside a string of another."""
    try:
        return str(json.loads(quoted)).replace("\\/", "/")
    except ValueError:
        return quoted.strip('"').replace("\\", "")


def _host(url: ParsedUrl, _: Parameters) -> str:
    label = url.host.partition(".")[0]
    return f"https://{label.replace('--', '/').replace('-', '.').replace('/', '-')}{url.path}"


def _amp(url: ParsedUrl, _: Parameters) -> str:
    found = re.search(r"/(?:amp|[cvir](?:/[a-z])?)/(s/)?([^/]+\.[^/].*)", url.path)
    if found is None:
        return ""
    return f"http{'s' if found[1] else ''}://{unquote(found[2])}"


def _yahoo(url: ParsedUrl, _: Parameters) -> str:
    found = re.search(r"/RU=([^/]+)", url.path)
    return as_url(found[1]) if found else ""


def _bing(url: ParsedUrl, _: Parameters) -> str:
    value = dict(query_pairs(url.query)).get("u", "")
    return as_url(value.removeprefix("a1"))


def _announced(url: ParsedUrl, parameters: Parameters) -> str:
    values = dict(query_pairs(url.query))
    host = next((host_of(values[name]) for name in parameters if name in values), "")
    return f"https://{host}/" if "." in host else ""


def _nothing(_: ParsedUrl, __: Parameters) -> str:
    return ""


def inflated(text: str) -> Iterator[str]:
    """Yield targets of trackers that compress a query string into the path."""
    for found in _BASE64_ZLIB.finditer(text):
        try:
            packed = _base64_bytes(found.group())
            content = zlib.decompressobj().decompress(packed, _MOST_INFLATED)
        except zlib.error:
            continue
        target = _INFLATED_TARGET.search(content.decode("utf-8", "replace"))
        if target is not None:
            yield as_url(target[1])


# Name in ``config/lists/rewriters.toml`` to the way it stands for.
DECODERS: Mapping[str, Decoder] = MappingProxyType(
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
