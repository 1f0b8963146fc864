"""Registrable domains from the bundled Public Suffix List; the network is never asked."""

from functools import lru_cache

from tldextract import TLDExtract

# Hosts per process that are remembered; a busy site sees a few thousand, 16 k take about 4 MB.
_REMEMBERED = 16_384
_PROBE = "a.example.com"

_extract = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


def warm() -> None:
    """Read the suffix list now (about 45 ms), so that no message pays for it."""
    registrable(_PROBE)
    registrable_icann(_PROBE)
    known_tlds()


@lru_cache(maxsize=_REMEMBERED)
def registrable(host: str) -> str:
    """
    Return the domain that one owner registered, private suffixes such as github.io included.

    A public suffix, an address literal and a single label are returned as they are.  Under an
    unknown top-level domain the last two labels count, as the list's default rule says.
    """
    return _registrable(host, private=True)


@lru_cache(maxsize=_REMEMBERED)
def registrable_icann(host: str) -> str:
    """Like ``registrable``, with the suffixes of registries only: github.io for x.github.io."""
    return _registrable(host, private=False)


@lru_cache(maxsize=_REMEMBERED)
def is_public_suffix(host: str) -> bool:
    """Return whether *host* is itself a suffix under which others register names."""
    return _extract(host).suffix == host != ""


@lru_cache(maxsize=1)
def public_suffixes() -> frozenset[str]:
    """Return all suffixes of the list, private ones included, wildcard rules left out."""
    return frozenset(_extract.tlds)


@lru_cache(maxsize=1)
def known_tlds() -> frozenset[str]:
    """Return the last labels of all registry suffixes, lower case, Unicode and punycode."""
    labels = {suffix.rpartition(".")[2] for suffix in _extract.tlds}
    return frozenset(labels | {label.encode("idna").decode() for label in labels})


@lru_cache(maxsize=_REMEMBERED)
def is_registered_name(host: str) -> bool:
    """Return whether *host* lies below a suffix of a registry, so that it can exist publicly."""
    found = _extract.extract_str(host, include_psl_private_domains=False)
    return bool(found.domain and found.suffix)


def _registrable(host: str, *, private: bool) -> str:
    host = host.rstrip(".")
    if "." not in host or is_address(host):
        return host
    found = _extract.extract_str(host, include_psl_private_domains=private)
    if found.suffix:
        return found.top_domain_under_public_suffix or host
    return ".".join(host.rsplit(".", 2)[-2:])


def is_address(host: str) -> bool:
    """Return whether *host*, as WHATWG serialises it, is an IPv4 or IPv6 literal."""
    return host.startswith("[") or (host[-1:].isdigit() and host.replace(".", "").isdigit())
