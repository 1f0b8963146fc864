"""A host name as its reader sees it, taken apart once for all brands."""

from dataclasses import dataclass
from functools import lru_cache

from phish_milter.brands.imitation import canonical
from phish_milter.links.domains import is_address, registrable
from phish_milter.textual import skeleton

# Hosts remembered per process: a few thousand recur on a busy site.
REMEMBERED = 16_384
_MAX_HOST = 253  # RFC 1035; what is longer cannot be resolved
_ACE = "xn--"  # RFC 5890 section 2.3.2.5


@dataclass(frozen=True, slots=True)
class Reading:
    """
    One host in the forms that comparing needs.

    Attributes:
        host: Lower case, no trailing dot.
        domain: Registrable domain of *host*.
        suffix: What *domain* was registered under.
        label: First label of *domain* as read: confusable letters made Latin.
        squeezed: *label* without hyphens, canonical.
        left: Labels left of *domain* as read, outermost last.
        shown: *host* in Unicode.

    """

    host: str
    domain: str
    suffix: str
    label: str
    squeezed: str
    left: tuple[str, ...]
    shown: str


@lru_cache(maxsize=REMEMBERED)
def read_host(host: str) -> Reading | None:
    """Take *host* apart; None for what is no domain name below a suffix."""
    host = host.lower().strip(".")
    if "." not in host or len(host) > _MAX_HOST or is_address(host):
        return None
    domain = registrable(host)
    label, _, suffix = domain.partition(".")
    if not suffix:
        return None
    left = tuple(host[: -len(domain)].strip(".").split(".")) if domain != host else ()
    shown = host
    if _ACE in host or not host.isascii():
        labels = [_unicode(part) for part in host.split(".")]
        shown = ".".join(labels)
        *left_read, label = map(_read, labels[: len(left) + 1])
        left = tuple(left_read)
    return Reading(
        host=host,
        domain=domain,
        suffix=suffix,
        label=label,
        squeezed=canonical(label.replace("-", "")),
        left=left,
        shown=shown,
    )


def _unicode(label: str) -> str:
    if not label.startswith(_ACE):
        return label
    try:
        return label.removeprefix(_ACE).encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label


def _read(label: str) -> str:
    return skeleton(label).replace(" ", "").replace(".", "")
