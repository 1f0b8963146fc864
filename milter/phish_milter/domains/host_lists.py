"""Lists of hosts that ship as data: shorteners, click trackers, free hosting, redirectors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Self

from phish_milter.domains.names import parents
from phish_milter.resources import data_directory


@dataclass(frozen=True, slots=True)
class HostList:
    """
    Hosts, each with its subdomains, optionally limited to path prefixes.

    Attributes:
        prefixes: Path prefixes by host; ``("",)`` stands for the whole host.
    """

    prefixes: Mapping[str, tuple[str, ...]]

    @classmethod
    def load(cls, path: Path) -> Self:
        """
        Read a list: one ``host`` or ``host/path-prefix`` a line, ``#`` starts a comment.

        Raises:
            OSError: The file cannot be read.
            ValueError: A line is neither; the message names file and line.
        """
        table: dict[str, list[str]] = {}
        for number, words in entries(path):
            host, slash, rest = words[0].partition("/")
            if len(words) > 1 or "." not in host or host != host.lower():
                raise ValueError(f"{path}:{number}: expected host or host/path-prefix")
            table.setdefault(host, []).append(slash + rest)
        return cls(MappingProxyType({host: tuple(paths) for host, paths in table.items()}))

    def matches(self, host: str, path: str = "/") -> bool:
        """Return whether *host* (or a parent domain) is listed for *path*."""
        for name in parents(host):
            if any(path.startswith(prefix) for prefix in self.prefixes.get(name, ())):
                return True
        return False


def entries(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and words of every line of *path* that is not blank or a comment."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        words = line.partition("#")[0].split()
        if words:
            yield number, words


@lru_cache(maxsize=1)
def shorteners() -> HostList:
    """Return hosts whose links say nothing about their target."""
    return _shipped("shorteners.txt")


@lru_cache(maxsize=1)
def trackers() -> HostList:
    """Return click trackers that hide the target from everybody but themselves."""
    return _shipped("trackers.txt")


@lru_cache(maxsize=1)
def free_hosting() -> HostList:
    """Return platforms on which anybody publishes pages or forms within minutes."""
    return _shipped("free-hosting.txt")


@lru_cache(maxsize=1)
def cheap_suffixes() -> frozenset[str]:
    """Return top-level domains whose names cost next to nothing in bulk."""
    path = data_directory() / "lists" / "cheap-suffixes.txt"
    return frozenset(words[0] for _, words in entries(path))


@lru_cache(maxsize=1)
def crowded_hosts() -> HostList:
    """Return well-known hosts of many people that no other list here names."""
    return _shipped("crowded-hosts.txt")


def _shipped(name: str) -> HostList:
    return HostList.load(data_directory() / "lists" / name)
