"""A brand as the checks see it, compiled from its pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class DomainRole(StrEnum):
    """What a domain of the brand is used for."""

    MAIL = "mail"  # appears in header From
    ENVELOPE = "envelope"  # appears in MAIL FROM only
    WEB = "web"  # links of the brand lead here
    UPLOADS = "uploads"  # serves content that other people uploaded
    PERSONAL = "personal"  # people write from here in their own name: no claim of the brand


class Alignment(StrEnum):
    """DMARC identifier alignment (RFC 7489 section 3.1)."""

    STRICT = "strict"
    RELAXED = "relaxed"


class Relation(StrEnum):
    """How a host (or URL) relates to a brand; the contract of ``links[].relation``."""

    BRAND = "brand"
    SIBLING = "sibling"  # another domain of the same owner (python.org for PyPI)
    NEIGHBOUR = "neighbour"  # looks close, is somebody honest (pypy.org, mirrors)
    LOOKALIKE = "lookalike"
    BRAND_IN_LABEL = "brand_in_label"
    BRAND_IN_PATH = "brand_in_path"
    WRAPPER_UNRESOLVED = "wrapper_unresolved"
    FOREIGN = "foreign"


class TokenUse(StrEnum):
    """How much a token of the brand in somebody else's host or path says."""

    DISTINCT = "distinct"  # nobody else has reason to carry it: any use counts
    SHARED = "shared"  # projects carry it too: it counts beside a word like "login"
    COMMON = "common"  # SHARED, and the domains are ordinary words: imitate them whole or not


@dataclass(frozen=True, slots=True)
class Judgement:
    """
    How one host or URL relates to one brand, and how a human can see that.

    Attributes:
        relation: How it relates.
        explanation: How a human can see that.
        ours: It belongs to the recipient's own organisation.
    """

    relation: Relation
    explanation: str = ""
    ours: bool = False


@dataclass(frozen=True, slots=True)
class OwnedDomain:
    """
    A domain of the brand's owner.

    Attributes:
        name: Domain, lower case ASCII.
        roles: What it is used for.
        subdomains: Whether every subdomain belongs to the brand too.
        signers: ``d=`` values whose DKIM signature proves origin for From here.
        alignment: Alignment required at least between From and ``d=``.
        unsigned: Protected header fields that the owner's signatures never cover; a
            proof does without them.
    """

    name: str
    roles: frozenset[DomainRole]
    subdomains: bool
    signers: tuple[str, ...]
    alignment: Alignment
    unsigned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Speaker:
    """
    A third party that carries other people's talk about the brand (lists, platforms).

    Attributes:
        name: Human name of the platform.
        from_domains: Header From domains it sends from.
        lists: Where others are customers of the platform too: domains whose List-Id is
            that of the brand's own community; empty where the platform is one community.
    """

    name: str
    from_domains: tuple[str, ...]
    lists: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Brand:
    """
    One brand pack, compiled.

    Attributes:
        id: Stable id such as ``pypi``.
        title: Name operators read.
        names: How the brand calls itself in display names ("PyPI", "Python Package
            Index"), as written.
        tokens: Names as they appear inside hosts and paths ("pypi").
        subject_tags: Prefixes of genuine subjects, without brackets ("PyPI").
        domains: Domains of the owner, by name.
        siblings: Domains of related owners that are as good as the brand's for links.
        neighbours: Honest domains close to the brand's in spelling or shape, with the
            reason; a mirror may be a host with a path prefix.
        paths: URL path prefixes that exist only on the brand's own hosts.
        speakers: Platforms that may speak about the brand.
        phrases: Wordings of the brand's own mail (template fingerprints), normalised
            as ``textual.skeleton`` does.
        targets: Hosts genuine mail links to besides the brand's own.
        token_use: How much a token in somebody else's host says.
        teams: Teams and activities of the brand ("PyPA", "Trusted Publishing"), as written.
        own_marks: Invisible characters that the brand itself writes inside its name.
        placeholders: Hosts of documentation that look like the brand's and that anybody
            may register: no resemblance, and nobody's.
    """

    id: str
    title: str
    names: tuple[str, ...]
    tokens: tuple[str, ...]
    subject_tags: tuple[str, ...]
    domains: Mapping[str, OwnedDomain]
    siblings: tuple[str, ...]
    neighbours: Mapping[str, str]
    paths: tuple[str, ...]
    speakers: tuple[Speaker, ...]
    phrases: tuple[str, ...]
    targets: tuple[str, ...] = ()
    token_use: TokenUse = TokenUse.DISTINCT
    teams: tuple[str, ...] = ()
    own_marks: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
