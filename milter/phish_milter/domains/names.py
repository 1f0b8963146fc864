"""Names of hosts as text: one way to write them, their parents, what lies below what."""

from collections.abc import Collection
from functools import lru_cache

import idna

_MOST_LABELS = 10  # a deeper host is looked up by its last labels only
_MAX_DOMAIN = 255  # RFC 1035; also keeps the IDNA code, quadratic in places, fast


def parents(host: str) -> tuple[str, ...]:
    """Return *host* and its parent domains, longest first; remembers those of real hosts."""
    return _remembered(host) if len(host) <= _MAX_DOMAIN else _parents(host)


def _parents(host: str) -> tuple[str, ...]:
    labels = host.split(".")[-_MOST_LABELS:]
    return tuple(".".join(labels[start:]) for start in range(len(labels)))


_remembered = lru_cache(maxsize=1024)(_parents)


def is_within(host: str, domains: Collection[str]) -> bool:
    """Whether *host* is one of *domains* or lies below one."""
    return any(host == domain or host.endswith("." + domain) for domain in domains)


def canonical_domain(domain: str) -> str:
    """
    Return *domain* in lower-case ASCII (UTS #46, punycode), without a trailing dot.

    What IDNA forbids is kept in a form that still compares: nothing raises.
    """
    domain = domain.strip(" .\u3002").lower()
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain[:_MAX_DOMAIN], uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError, ValueError):
        return ".".join(_punycode(label) for label in domain[:_MAX_DOMAIN].split("."))


def _punycode(label: str) -> str:
    if label.isascii():
        return label
    try:
        return "xn--" + label.encode("punycode").decode("ascii")
    except UnicodeError:
        return label.encode("ascii", "replace").decode("ascii")
