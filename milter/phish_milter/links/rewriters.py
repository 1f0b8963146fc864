"""The services that put their own URL in front of another, as read from the shipped data."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from phish_milter.domains.names import parents
from phish_milter.links.decoders import DECODERS
from phish_milter.resources import entries, list_path

_KNOWN_KEYS = frozenset({"name", "hosts", "prefix", "decode", "parameters", "opaque"})


@dataclass(frozen=True, slots=True)
class Rewriter:
    """
    How one service writes its links.

    Attributes:
        name: Human name of the service.
        prefix: Path prefix of its links.
        decode: Name of the way the target is written, a key of ``decoders.DECODERS``.
        parameters: Query parameters that may hold the target, most telling first.
        opaque: A link whose target cannot be read hides where it leads.
    """

    name: str
    prefix: str
    decode: str
    parameters: tuple[str, ...] = ()
    opaque: bool = False


Table = Mapping[str, tuple[Rewriter, ...]]


@lru_cache(maxsize=1)
def shipped() -> Table:
    """Return the rewriters and redirectors that ship with the package, by host."""
    return load(list_path("rewriters.toml"), list_path("redirectors.txt"))


def load(rewriters: Path, redirectors: Path) -> Table:
    """
    Read both files; the first matching entry of a host wins.

    Raises:
        OSError: A file cannot be read.
        ValueError: A file has the wrong form; the message names it.
    """
    table: dict[str, list[Rewriter]] = {}
    for host, rewriter in (*_rewriters(rewriters), *_redirectors(redirectors)):
        table.setdefault(host, []).append(rewriter)
    return MappingProxyType({host: tuple(found) for host, found in table.items()})


def matching(table: Table, host: str, path: str) -> Iterator[Rewriter]:
    """Yield the entries of *table* for *host* (or a parent domain) and *path*."""
    for name in parents(host):
        for rewriter in table.get(name, ()):
            if path.startswith(rewriter.prefix):
                yield rewriter


def _rewriters(path: Path) -> Iterator[tuple[str, Rewriter]]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for entry in content["rewriter"]:
            rewriter = _rewriter(entry)
            for host in entry["hosts"]:
                yield host, rewriter
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error!r}") from error


def _rewriter(entry: Mapping[str, object]) -> Rewriter:
    decode, parameters = entry["decode"], entry.get("parameters", ())
    unknown = sorted(set(entry) - _KNOWN_KEYS)
    if unknown or decode not in DECODERS or not isinstance(parameters, list | tuple):
        raise ValueError(f"rewriter {entry['name']!r}: bad {unknown or 'decode or parameters'}")
    return Rewriter(
        name=str(entry["name"]),
        prefix=str(entry.get("prefix", "/")),
        decode=str(decode),
        parameters=tuple(map(str, parameters)),
        opaque=bool(entry.get("opaque", False)),
    )


def _redirectors(path: Path) -> Iterator[tuple[str, Rewriter]]:
    for number, text in entries(path):
        words = text.split()
        host, slash, rest = words[0].partition("/")
        if len(words) != 2 or not slash:
            raise ValueError(f"{path}:{number}: expected host/path-prefix and parameters")
        decode = "query" if words[1] == "*" else "parameter"
        yield host, Rewriter(host, slash + rest, decode, tuple(words[1].split(",")))
