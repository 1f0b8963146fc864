"""Hosts a brand's pack knows by name: its own, its siblings, and honest neighbours."""

import re
from collections.abc import Collection
from functools import cache, lru_cache
from types import MappingProxyType

from phish_milter.detection.brands.model import Brand, Judgement, Relation
from phish_milter.domains.names import parents
from phish_milter.resources import data_directory

_ANY_HOST = "*/"


class Acquaintances:
    """Exact look-ups by host, by host pattern and by host with path."""

    def __init__(self, brand: Brand, site_domains: Collection[str]) -> None:
        plain, self._paths = _split(brand)
        known = {
            host: _neighbour(host, brand.neighbours[host]) for host in plain if "*" not in host
        }
        known |= {
            host: Judgement(Relation.FOREIGN, f"{host} is a placeholder of documentation")
            for host in brand.placeholders
        }
        own = Judgement(Relation.NEIGHBOUR, "the recipient's own organisation", ours=True)
        for domain in site_domains:
            known.setdefault(domain.lower().strip("."), own)
        known |= {
            host: Judgement(Relation.SIBLING, f"{host} has the same owner")
            for host in brand.siblings
        }
        known |= {name: Judgement(Relation.BRAND, name) for name in brand.domains}
        self._known = MappingProxyType(known)
        self._alone = frozenset(d.name for d in brand.domains.values() if not d.subdomains)
        self._patterns = tuple(
            _Pattern(host, brand.neighbours[host]) for host in plain if "*" in host
        )
        self._formats = tuple(key[1:] for key in brand.neighbours if key.startswith(_ANY_HOST))

    def host(self, host: str) -> Judgement | None:
        """Return what the pack says about *host*: the entry with most labels decides."""
        for name in parents(host):
            found = self._known.get(name)
            if found is not None and (name == host or name not in self._alone):
                return found
        return next((p.judgement for p in self._patterns if p.matches(host)), None)

    def page(self, host: str, path: str) -> Judgement | None:
        """Return what the pack says about this part of *host*."""
        for name in parents(host):
            for prefix, judgement in self._paths.get(name, ()):
                if path.startswith(prefix):
                    return judgement
        return None

    def is_format(self, path: str) -> bool:
        """Whether *path* names the brand as package managers do: as a repository format."""
        return any(part in path for part in self._formats)


class _Pattern:
    """
    One neighbour with stars; the literal end is looked at first because it is cheap.

    A star stands for letters of one label, so that no other product of the same company
    fits whose names have more labels.
    """

    def __init__(self, pattern: str, reason: str) -> None:
        self.judgement = _neighbour(pattern, reason)
        self._end = pattern.rpartition("*")[2]
        self._expression = re.compile(re.escape(pattern).replace(r"\*", "[a-z0-9-]+"))

    def matches(self, host: str) -> bool:
        return host.endswith(self._end) and self._expression.fullmatch(host) is not None


def _split(brand: Brand) -> tuple[list[str], dict[str, list[tuple[str, Judgement]]]]:
    """Part the neighbours that are hosts from those that are parts of hosts."""
    plain: list[str] = []
    paths: dict[str, list[tuple[str, Judgement]]] = {}
    for key, reason in brand.neighbours.items():
        host, slash, path = key.partition("/")
        if not slash:
            plain.append(key)
        elif host != "*":
            paths.setdefault(host, []).append((slash + path, _neighbour(key, reason)))
    return plain, paths


def _neighbour(host: str, reason: str) -> Judgement:
    return Judgement(Relation.NEIGHBOUR, f"{host}: {reason}")


@cache
def _mention_hosts() -> frozenset[str]:
    text = (data_directory() / "brands" / "mention-hosts.txt").read_text(encoding="ascii")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))


@lru_cache(maxsize=4096)
def mentions_by_path(host: str) -> bool:
    """Whether paths of *host* name projects all day, so that a name there is a mention."""
    return any(name in _mention_hosts() for name in parents(host))
