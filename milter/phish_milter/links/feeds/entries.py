"""
One line of a list of bad hosts, in the forms in which such lists are published.

Plain hosts and URLs, hosts files, ``||host^`` of ad blockers, and CSV, of which the first URL of
each row counts.
"""

import csv
import re
from collections.abc import Collection
from ipaddress import ip_address

from phish_milter.domains.registrable import is_address
from phish_milter.links.url import parse

#: Bytes of one line; a longer one is no URL.
MAX_LINE = 2048

_PLAIN_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}://", re.IGNORECASE)
_AD_BLOCK = re.compile(r"\|\|([^\s^/$*|]+)\^")
# A row of CSV: quoted, or with a comma in front of the scheme, where no URL has one.
_ROW = re.compile(r"\"|[^#:/]*,[^#]*?://")
_BYTE_ORDER_MARK = "\ufeff"
# What hosts files define for the machine itself.
_LOOPBACK = frozenset(
    (
        "0.0.0.0",  # noqa: S104 - compared with, not listened on
        "broadcasthost",
        "ip6-allhosts",
        "ip6-allnodes",
        "ip6-allrouters",
        "ip6-localhost",
        "ip6-localnet",
        "ip6-loopback",
        "ip6-mcastprefix",
        "local",
        "localhost",
        "localhost.localdomain",
        "localhost4",
        "localhost4.localdomain4",
        "localhost6",
        "localhost6.localdomain6",
    )
)


def entries_of(raw: bytes, shared: Collection[str]) -> tuple[list[str], list[str]]:
    """Return what the line *raw* lists, and what of it is no host or URL or is a shared host."""
    try:
        names = _names(raw)
    except ValueError as error:
        return [], [str(error)]
    entries, faults = [], []
    for name in names:
        try:
            entries.append(_checked(name, shared))
        except ValueError as error:
            faults.append(str(error))
    return entries, faults


def _names(raw: bytes) -> list[str]:
    """
    Return the hosts and URLs that the line *raw* names, loopback names left out.

    Raises:
        ValueError: It is too long, no UTF-8, or of no known form.
    """
    if len(raw) > MAX_LINE:
        raise ValueError(f"longer than {MAX_LINE} bytes")
    text = raw.decode("utf-8").removeprefix(_BYTE_ORDER_MARK).strip()
    if text.startswith(("!", "[Adblock")):  # comment and first line of lists for ad blockers
        return []
    if _ROW.match(text):
        return [_url_of_row(text)]
    text = _COMMENT.sub("", text).strip()
    if blocked := _AD_BLOCK.fullmatch(text):
        return [blocked[1]]
    first, *names = text.split() or [""]
    names = _mapped(first, names) if names else [first]
    return [name for name in names if name and name.lower() not in _LOOPBACK]


def _url_of_row(text: str) -> str:
    """Return the first URL in *text*, a row of CSV (RFC 4180); ValueError if there is none."""
    try:
        row = next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error as error:
        raise ValueError(f"broken CSV: {error}") from None
    for cell in row:
        if _SCHEME.match(cell):
            return cell
    raise ValueError("no URL in this row of CSV")


def _mapped(address: str, names: list[str]) -> list[str]:
    """
    Return *names*, which a line of a hosts file maps to *address*.

    Raises:
        ValueError: Real hosts are mapped to a real address, or it is no hosts file.
    """
    wanted = [name for name in names if name.lower() not in _LOOPBACK]
    if wanted and not _is_sink(address):
        raise ValueError("neither a host nor a URL")
    return wanted


def _is_sink(address: str) -> bool:
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return known.is_loopback or known.is_unspecified


def _checked(text: str, shared: Collection[str]) -> str:
    """
    Return the entry for *text*, a host or URL.

    Raises:
        ValueError: It is neither, or would list a whole shared host.
    """
    entry = text if _PLAIN_HOST.fullmatch(text) else _entry(text)
    if "/" not in entry and (entry in shared or entry.count(".") == 0):
        raise ValueError(f"{entry} is shared by many and not listed as a whole")
    return entry


def _entry(text: str) -> str:
    """Return *text*, a host or URL in any of the usual forms, as ``_keys`` writes it."""
    url = parse(text if _SCHEME.match(text) else f"http://{text}") if " " not in text else None
    if url is None or not (_PLAIN_HOST.fullmatch(url.host) or is_address(url.host)):
        raise ValueError("neither a host nor a URL")
    return url.host + url.path.rstrip("/")
