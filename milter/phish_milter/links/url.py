"""
Read URLs as a browser does (WHATWG), and notice how they are written to mislead.

The target is always what a browser would open.  Where the way of writing makes other programs
or readers see another host, that host is kept as a candidate.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

import can_ada

from phish_milter.domains.registrable import is_address, is_registered_name
from phish_milter.domains.scripts import is_mixed
from phish_milter.links.model import Trick
from phish_milter.message.decode import base64_forgiving
from phish_milter.text.invisible import DROPPED_IN_LINKS

MOST_CHARACTERS = 8192  # browsers and gateways cut here too; longer ones hide nothing useful
MOST_CANDIDATES = 4
_SHOWN_OPAQUE = 200  # of a data: or javascript: URL; the rest is content, not address
_OPAQUE_LOOK = 16_384  # characters of data: content that are searched for further URLs

# Other people's ports: anything else sends the reader to an unusual service.
_ORDINARY_PORTS = frozenset({"", "80", "443", "8080", "8443"})
# The reader's own machine and network (RFC 1918): no stranger waits there.
_OWN_NETWORK = re.compile(
    r"127\.|\[::1\]\Z|0\.0\.0\.0\Z"
    r"|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\."
)
# Schemes that lead to no page; mail clients handle them themselves.
_NO_PAGE = frozenset(
    {"mailto", "tel", "sms", "cid", "mid", "about", "callto", "news", "xmpp", "geo", "urn"}
)
_SCRIPTS = frozenset({"javascript", "vbscript", "livescript"})
_WEB = frozenset({"http", "https", "ftp", "ws", "wss"})
_HARMLESS_DATA = re.compile(r"data:(?:image/(?!svg)|font/|audio/|video/)", re.IGNORECASE)

# The common case: nothing that parsers could disagree about.
_PLAIN = re.compile(r"https?://[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?=[/?#]|\Z)", re.IGNORECASE)
_STRIP = "".join(map(chr, range(0x21)))  # C0 controls and space, as WHATWG strips them
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}(?=:)")
_AUTHORITY = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:([\\/\t\r\n]*)([^/?#]*)")
_UNSEEN = re.compile(f"[\x00-\x1f\x7f{DROPPED_IN_LINKS}]")
_SCHEMELESS = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?=[/?#:]|\Z)")
_INNER = re.compile(r"https?://[^\s\"'<>\\()]{4,500}", re.IGNORECASE)
_DOTS = frozenset("\u3002\uff0e\uff61")


@dataclass(frozen=True, slots=True)
class ParsedUrl:
    """
    One absolute URL as a browser reads it.

    Attributes:
        href: Serialised URL; the text itself where no browser could open it.
        scheme: Lower case, without the colon.
        host: ASCII, lower case, without trailing dot; "" when there is none.
        pathname: Path, percent-encoded.
        query: Query without "?".
        fragment: Fragment with its "#", or "".
        tricks: How the URL as written misleads.
        candidates: Hosts that other programs or readers would see instead.
    """

    href: str
    scheme: str
    host: str
    pathname: str
    query: str
    fragment: str
    tricks: frozenset[Trick] = frozenset()
    candidates: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Path, query and fragment."""
        query = f"?{self.query}" if self.query else ""
        return f"{self.pathname}{query}{self.fragment}"


_NO_TRICKS: frozenset[Trick] = frozenset()


def parse(written: str, base: str = "") -> ParsedUrl | None:
    """
    Return what a browser would open for *written*, or None where it leads to no page.

    Args:
        written: Target as written; entities decoded.
        base: URL that relative targets are resolved against, "" when there is none.
    """
    text = _encodable(written.strip(_STRIP))[:MOST_CHARACTERS]
    if _PLAIN.match(text):
        opened = _open(text)
        return None if opened is None else _described(opened, _host_tricks(opened), ())
    scheme = _scheme(text)
    if scheme in _NO_PAGE or not text or text[0] == "#":
        return None
    if scheme in _SCRIPTS or scheme == "data":
        return _content(text, scheme)
    if not scheme:
        return _relative(text, base)
    return _absolute(text, scheme)


def host_of(name: str) -> str:
    """Return the host *name* as a browser writes it, "" when it is none."""
    if name.isascii() and _PLAIN.fullmatch(f"http://{name}") and not name[-1:].isdigit():
        return name.lower().rstrip(".")
    opened = _open(f"http://{name}/")
    return "" if opened is None or opened.username else _host(opened)


def _encodable(text: str) -> str:
    """Replace lone surrogates: they come from undecodable bytes and no parser takes them."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _scheme(text: str) -> str:
    found = _SCHEME.match(text if text.isascii() else _UNSEEN.sub("", text[:64]))
    if found is None:
        found = _SCHEME.match(_UNSEEN.sub("", text[:64]))
    # "pypi.example:8443/x" is a host with a port, not a scheme.
    return "" if found is None or "." in found.group() else found.group().lower()


def _open(text: str, base: str = "") -> can_ada.URL | None:
    try:
        return can_ada.parse(base) + text if base else can_ada.parse(text)
    except (ValueError, UnicodeError):
        return None


def _host(opened: can_ada.URL) -> str:
    return str(opened.hostname).lower().rstrip(".")


def _described(
    opened: can_ada.URL, tricks: frozenset[Trick], candidates: tuple[str, ...]
) -> ParsedUrl:
    return ParsedUrl(
        href=opened.href,
        scheme=opened.protocol[:-1],
        host=_host(opened),
        pathname=opened.pathname,
        query=opened.search[1:],
        fragment=opened.hash,
        tricks=tricks,
        candidates=candidates,
    )


def _absolute(text: str, scheme: str) -> ParsedUrl | None:
    slashes, authority = _authority(text)
    opened = _open(_without_unseen(text))
    tricks = _written_tricks(slashes, authority, web=scheme in _WEB)
    if opened is None:
        seen = tuple(_other_hosts(authority, ""))
        return ParsedUrl(text, scheme, "", "", "", "", tricks, seen) if seen else None
    if scheme not in _WEB:
        return _foreign_scheme(opened, text)
    tricks |= _host_tricks(opened)
    if opened.username or opened.password:
        tricks |= {Trick.USERINFO}
    candidates = tuple(_other_hosts(authority, _host(opened))) if tricks else ()
    return _described(opened, tricks, candidates)


def _relative(text: str, base: str) -> ParsedUrl | None:
    """Resolve *text*; without a base, only what mail clients complete by themselves leads on."""
    if base:
        inside = parse(base)
        opened = _open(text, inside.href) if inside is not None and inside.host else None
        if inside is None or opened is None:
            return None
        return _described(opened, inside.tricks | _host_tricks(opened), inside.candidates)
    if text.replace("\\", "/").startswith("//"):
        return _absolute(f"https:{text}", "https")
    found = _SCHEMELESS.match(text)
    if found is None or not is_registered_name(found.group().lower()):
        return None
    return _absolute(f"http://{text}", "http")


def _foreign_scheme(opened: can_ada.URL, text: str) -> ParsedUrl:
    """Describe a URL for another program (``intent:``, ``ms-word:``): the web URL inside counts."""
    inner = tuple(_inner_hosts(unquote(text)))
    parsed = _described(opened, _NO_TRICKS, inner)
    return parsed if len(parsed.href) < MOST_CHARACTERS else _cut(parsed)


def _content(text: str, scheme: str) -> ParsedUrl | None:
    if _HARMLESS_DATA.match(text):
        return None
    trick = Trick.DATA if scheme == "data" else Trick.SCRIPT
    hosts = tuple(_inner_hosts(_decoded_content(text)))
    return ParsedUrl(text[:_SHOWN_OPAQUE], scheme, "", "", "", "", frozenset({trick}), hosts)


def _cut(parsed: ParsedUrl) -> ParsedUrl:
    return ParsedUrl(
        parsed.href[:_SHOWN_OPAQUE], parsed.scheme, parsed.host, "", "", "", candidates=()
    )


def _decoded_content(text: str) -> str:
    head, _, body = text[:_OPAQUE_LOOK].partition(",")
    if not head.lower().endswith(";base64"):
        return unquote(text[:_OPAQUE_LOOK])
    return base64_forgiving(body).decode("utf-8", "replace")


def _inner_hosts(text: str) -> Iterator[str]:
    seen: set[str] = set()
    for found in _INNER.finditer(text):
        opened = _open(found.group())
        if opened is not None and _host(opened) not in seen:
            seen.add(_host(opened))
            yield _host(opened)
        if len(seen) == MOST_CANDIDATES:
            return


def _authority(text: str) -> tuple[str, str]:
    """Split off what parsers quarrel about: the slashes and everything up to ``/``, ? or #."""
    found = _AUTHORITY.match(text) or _AUTHORITY.match(_UNSEEN.sub("", text))
    return ("", "") if found is None else (found[1], found[2])


def _without_unseen(text: str) -> str:
    """Drop what is not drawn from scheme and host; in the path it is data."""
    if _UNSEEN.search(text) is None:
        return text
    found = _AUTHORITY.match(text)
    end = len(text) if found is None else found.end()
    return _UNSEEN.sub("", text[:end]) + text[end:]


def _written_tricks(slashes: str, authority: str, *, web: bool) -> frozenset[Trick]:
    if not web:
        return _NO_TRICKS
    host = authority.rpartition("@")[2]
    tricks = {
        Trick.CONTROL: _UNSEEN.search(slashes + authority) is not None,
        Trick.BACKSLASH: "\\" in slashes or "\\" in authority,
        Trick.ENCODED_HOST: "%" in host,
        Trick.UNICODE_HOST: _is_disguised(host),
    }
    return frozenset(trick for trick, present in tricks.items() if present)


def _is_disguised(host: str) -> bool:
    """Return whether *host* is written in characters that a browser replaces by plain ones."""
    if host.isascii():
        return False
    plain = unicodedata.normalize("NFC", _UNSEEN.sub("", host))
    return not _DOTS.isdisjoint(plain) or unicodedata.normalize("NFKC", plain) != plain


def _host_tricks(opened: can_ada.URL) -> frozenset[Trick]:
    host = _host(opened)
    port = opened.port
    if not port and "xn--" not in host and not is_address(host):
        return _NO_TRICKS
    if (is_address(host) and _OWN_NETWORK.match(host)) or host == "localhost":
        return _NO_TRICKS
    tricks = {
        Trick.ODD_PORT: port not in _ORDINARY_PORTS,
        Trick.IP_LITERAL: is_address(host),
        Trick.MIXED_SCRIPT: is_mixed(host),
    }
    return frozenset(trick for trick, present in tricks.items() if present)


def _other_hosts(authority: str, host: str) -> Iterator[str]:
    """Yield the hosts that programs see which split *authority* elsewhere."""
    seen = {host}
    for piece in re.split(r"[@\\]", _UNSEEN.sub("", authority))[: 2 * MOST_CANDIDATES]:
        name = re.split(r"[/?#:\\]", unquote(piece), maxsplit=1)[0]
        other = host_of(name) if "." in name else ""
        if other and other not in seen and len(seen) <= MOST_CANDIDATES:
            seen.add(other)
            yield other
