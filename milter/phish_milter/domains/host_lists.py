"""Lists of hosts that ship as data: shorteners, click trackers, free hosting, redirectors."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Self

from phish_milter.domains.names import parents
from phish_milter.resources import entries, list_path


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
        for number, text in entries(path):
            host, slash, rest = text.partition("/")
            if len(text.split()) > 1 or "." not in host or host != host.lower():
                raise ValueError(f"{path}:{number}: expected host or host/path-prefix")
            table.setdefault(host, []).append(slash + rest)
        return cls(MappingProxyType({host: tuple(paths) for host, paths in table.items()}))

    def matches(self, host: str, path: str = "/") -> bool:
        """Return whether *host* (or a parent domain) is listed for *path*."""
        for name in parents(host):
            if any(path.startswith(prefix) for prefix in self.prefixes.get(name, ())):
                return True
        return False


@cache
def shipped(name: str) -> HostList:
    """Return the list of hosts *name* of ``config/lists``."""
    return HostList.load(list_path(name))


def shorteners() -> HostList:
    """Return hosts whose links say nothing about their target."""
    return shipped("shorteners.txt")


def trackers() -> HostList:
    """Return click trackers that hide the target from everybody but themselves."""
    return shipped("trackers.txt")


def free_hosting() -> HostList:
    """Return platforms on which anybody publishes pages or forms within minutes."""
    return shipped("free-hosting.txt")


def crowded_hosts() -> HostList:
    """Return well-known hosts of many people that no other list here names."""
    return shipped("crowded-hosts.txt")
