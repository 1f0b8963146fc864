"""A host name as its reader sees it, taken apart once for all brands."""

from dataclasses import dataclass
from functools import lru_cache

from phish_milter.detection.brands.typosquatting import canonical
from phish_milter.domains.registrable import is_address, registrable
from phish_milter.text.folding import skeleton

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
        label: First label of *domain*.
        left: Labels left of *domain*, leftmost first.
        disguise: *host* in Unicode if it has other letters than ASCII, else "".

    """

    host: str
    domain: str
    suffix: str
    label: "Label"
    left: tuple["Label", ...]
    disguise: str


@dataclass(frozen=True, slots=True)
class Label:
    """
    One label of a host as read: confusable letters made Latin.

    Attributes:
        text: As read.
        plain: *text* in canonical form.

    """

    text: str
    plain: str

    @classmethod
    def of(cls, text: str) -> "Label":
        """Return *text* in both forms."""
        return cls(text, canonical(text))


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
    left = host[: -len(domain)].strip(".").split(".") if domain != host else []
    disguise = ""
    if _ACE in host or not host.isascii():
        shown = [_unicode(part) for part in host.split(".")]
        *left, label = map(_read, shown[: len(left) + 1])
        disguise = ".".join(shown)
    return Reading(
        host=host,
        domain=domain,
        suffix=suffix,
        label=Label.of(label),
        left=tuple(map(Label.of, left)),
        disguise=disguise,
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
