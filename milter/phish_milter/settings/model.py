"""
The configuration file as frozen values: every key, its default and its help text, once.

The models only describe; ``load.load_settings()`` is the gate that turns a TOML file into
``Settings`` or into the list of everything that is wrong with it.
"""

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from phish_milter.policy.decision import Action, Policy
from phish_milter.settings.types import (
    Affects,
    AuthservId,
    Domain,
    FeedName,
    Nameserver,
    Network,
    OctalMode,
    OptionalAuthservId,
    OptionalHostPort,
    ResolvedPath,
    RoleAddress,
    SiteDomain,
    SocketAddress,
    SocketSpec,
    host_and_port,
    network,
    socket_address,
)

MIB = 1024 * 1024

# Below this not even the headers of ordinary mail would fit.
LEAST_MAX_BYTES = 64 * 1024
# An interpreter with the parsers loaded needs about this much address space.
LEAST_MEMORY_BYTES = 128 * MIB
# Each is asked about every domain of a message, within one budget.
MOST_BLOCK_LISTS = 5


_Score = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]


class _Section(BaseModel):
    """What all tables of the file share: unknown keys and silent conversions are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class SiteSettings(_Section):
    """The mail site that is protected."""

    authserv_id: OptionalAuthservId = Field(
        default="",
        description="Name that this host writes into Authentication-Results header fields, usually "
        "Postfix' $myhostname. Only with authentication.add_results_header are fields that arrive "
        "under this name removed, so choose a name then that no other verifier of this host "
        "(OpenDKIM, OpenDMARC) writes: its results would go with them. Empty: none are removed and "
        "none can be added.",
    )
    domains: tuple[SiteDomain, ...] = Field(
        default=(),
        description="Domains that this site receives mail for, such as example.net. Public "
        "suffixes such as org, co.uk or github.io are refused.",
    )
    internal_networks: tuple[Network, ...] = Field(
        default=(network("127.0.0.0/8"), network("::1/128")),
        description="Networks whose mail is not scanned. A milter cannot see Postfix' mynetworks, "
        "so repeat here what should be left alone.",
    )
    role_addresses: tuple[RoleAddress, ...] = Field(
        default=(),
        description="Addresses that receive reports of phishing, such as abuse@example.net; "
        "abuse@ alone means that name at each of the site's domains. Mail to these only is "
        "accepted whatever it says; where they are among the recipients nothing is rejected. "
        "Case and +extension are ignored.",
    )
    skip_authenticated: bool = Field(
        default=True, description="Do not scan mail of clients that logged in with SMTP AUTH."
    )


class ScannerSettings(_Section):
    """The processes that take messages apart."""

    workers: int = Field(
        default=0, ge=0, le=256, description="Scanner processes; 0 means one for each CPU."
    )
    deadline_seconds: float = Field(
        default=10.0,
        gt=0,
        le=3600,
        allow_inf_nan=False,
        description="Seconds from the end of a message to our answer, waiting included. Postfix' "
        "content_timeout for this milter must be longer. When time is out, on_failure applies.",
    )
    max_bytes: int = Field(
        default=4 * MIB,
        ge=LEAST_MAX_BYTES,
        le=1024 * MIB,
        description="Messages larger than this are scanned in part: their beginning and their end.",
    )
    memory_bytes: int = Field(
        default=512 * MIB,
        ge=LEAST_MEMORY_BYTES,
        description="Address space that one scanner process may use.",
    )

    @property
    def processes(self) -> int:
        """How many scanner processes to run, at least 1."""
        return self.workers or len(os.sched_getaffinity(0))


class DnsSettings(_Section):
    """Whom to ask about names."""

    nameservers: tuple[Nameserver, ...] = Field(
        default=(),
        description="Addresses of the resolvers; empty means those of /etc/resolv.conf, which is "
        "read at start and on reload. Link-local ones need their interface, as in fe80::1%eth0.",
    )
    port: int = Field(default=53, ge=1, le=65535, description="Port of the resolvers named here.")
    timeout_seconds: float = Field(
        default=2.0,
        gt=0,
        le=60,
        allow_inf_nan=False,
        description="Seconds a whole message may wait for DNS, however much is asked: once for "
        "its origin, and once more for domain_facts and block_lists. Must be less than "
        "[scanner] deadline_seconds.",
    )
    domain_facts: bool = Field(
        default=False,
        description="Ask whether the domains of the sender and of links exist, take mail, or are "
        "parked. Causes a few questions for each message.",
    )
    block_lists: tuple[Domain, ...] = Field(
        default=(),
        max_length=MOST_BLOCK_LISTS,
        description="Zones of domain block lists to ask about the domains of links and sender, "
        'such as "dbl.example.org". Mind their terms of use; public resolvers are refused.',
    )


class AuthenticationSettings(_Section):
    """Where proof of origin comes from."""

    verify: Literal["auto", "always", "never"] = Field(
        default="auto",
        description="Verify DKIM, DMARC and ARC ourselves: auto only where it can matter, which "
        "is when the header From names a domain of a protected brand; a trusted verifier's word "
        "counts only where ours cannot, always: not even there.",
    )
    trusted_authserv_ids: tuple[AuthservId, ...] = Field(
        default=(),
        description="Authserv-ids whose Authentication-Results are believed, such as that of "
        "OpenDKIM or of a gateway in front of this host: the topmost field of them, if it is "
        "well-formed. List only names that somebody in front of us removes from incoming mail. "
        "phish-milter leaves these fields alone; its own name (site.authserv_id) is refused here "
        "together with add_results_header.",
    )
    trusted_arc_sealers: tuple[Domain, ...] = Field(
        default=("google.com", "microsoft.com", "python.org"),
        description="Domains of forwarders and lists whose ARC seals are believed. Those listed at "
        "first are known to verify before they seal: google.com (Gmail and Google Groups), "
        "microsoft.com (Exchange Online and Outlook.com), python.org (its mailing lists); without "
        "them genuine mail that they passed on with a changed body cannot be proven. An empty "
        "list, [], believes none.",
    )
    add_results_header: bool = Field(
        default=False,
        description="Add our own Authentication-Results header field, and remove those that arrive "
        "under the same name; needs site.authserv_id, which no other verifier of this host may "
        "write, and verifies every message.",
    )


class PolicySettings(_Section):
    """What is done about a message."""

    tag: float = Field(
        default=4.0,
        gt=0,
        le=1000,
        allow_inf_nan=False,
        description="Score from which on a message is tagged.",
    )
    quarantine: float = Field(
        default=8.0,
        gt=0,
        le=1000,
        allow_inf_nan=False,
        description="Score from which on a message goes to Postfix' hold queue.",
    )
    reject: float = Field(
        default=15.0,
        gt=0,
        le=1000,
        allow_inf_nan=False,
        description="Score from which on a message is rejected.",
    )
    ceiling: Literal["accept", "tag", "quarantine", "reject"] = Field(
        default="tag",
        description="Strongest action ever taken. Watch with tag first; headers, log and metrics "
        "say what would have been done. Raise it when that looks right.",
    )
    on_failure: Literal["accept", "tag", "defer"] = Field(
        default="accept",
        description="What is done with a message that a fault of ours kept us from judging.",
    )
    on_unverifiable: Literal["accept", "tag", "quarantine", "defer"] = Field(
        default="tag",
        description="What is done with a message that presents itself as a brand where neither "
        "proof nor contradiction was found. defer only for a temporary DNS failure.",
    )


class BrandSettings(_Section):
    """The brands to protect."""

    directories: tuple[ResolvedPath, ...] = Field(
        default=(),
        description="Directories with further brand packs (*.toml); a pack with the id of a "
        "shipped one replaces it.",
    )
    enabled: tuple[str, ...] = Field(
        default=("shipped",),
        description="Ids of the brand packs in use; shipped stands for every pack that ships.",
    )


class FeedSettings(_Section):
    """
    A local list of bad hosts.

    A plain text file: one host or URL prefix a line, # starts a comment. Hosts files, ||host^ of
    ad blockers and CSV (the first URL of a row) are read too. A host stands for its subdomains
    too. Whole shared hosts (github.io, docs.google.com) are never listed. The file is read again
    when it changes; replace it as a whole (mv) rather than write into it.
    Repeat the table for each list.
    """

    name: FeedName = Field(
        description="What the list is called in findings and metrics: lower case letters, digits, "
        "- and _."
    )
    path: ResolvedPath = Field(description="The file.")
    enforce: bool = Field(
        default=False,
        description="A link on the list is reason enough to hold mail; otherwise it only tags.",
    )


class MetricsSettings(_Section):
    """Figures for Prometheus, with /healthz and /readyz."""

    listen: OptionalHostPort = Field(
        default="127.0.0.1:9479",
        description="HOST:PORT or [IPV6]:PORT to serve metrics on; empty turns it off.",
    )

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port to listen on, None when metrics are off."""
        return host_and_port(self.listen) if self.listen else None


class LogSettings(_Section):
    """The line written about each message."""

    destination: Literal["stderr", "syslog"] = Field(
        default="stderr",
        description="stderr (the journal, under systemd) or syslog, facility mail.",
    )
    format: Literal["logfmt", "json"] = Field(
        default="logfmt", description="How a line is written."
    )
    addresses: Literal["full", "domain", "hash", "none"] = Field(
        default="full", description="How much of a mail address is logged."
    )


class Settings(_Section):
    """Everything an operator can set."""

    socket: Annotated[SocketSpec, Affects.RESTART] = Field(
        default="unix:/var/spool/postfix/phish-milter/milter.sock",
        description="Where Postfix connects: unix:PATH, inet:PORT@HOST or inet6:PORT@HOST.",
    )
    socket_mode: Annotated[OctalMode, Affects.RESTART] = Field(
        default="660", description="Permissions of a unix socket, octal."
    )
    socket_group: Annotated[str, Affects.RESTART] = Field(
        default="", description="Group that owns a unix socket; empty leaves it as it is."
    )
    site: SiteSettings = SiteSettings()
    scanner: ScannerSettings = ScannerSettings()
    dns: DnsSettings = DnsSettings()
    authentication: AuthenticationSettings = AuthenticationSettings()
    policy: Annotated[PolicySettings, Affects.POLICY] = PolicySettings()
    scores: Annotated[Mapping[str, _Score], Affects.POLICY] = Field(
        default={},
        description="Scores of single symbols, such as LOOKALIKE_LINK = 5.0; 0 takes the weight "
        "away. `phish-milter explain SYMBOL` tells the meaning and the default of each.",
    )
    brands: BrandSettings = BrandSettings()
    feeds: tuple[FeedSettings, ...] = ()
    metrics: Annotated[MetricsSettings, Affects.RESTART] = MetricsSettings()
    log: Annotated[LogSettings, Affects.OUTPUT] = LogSettings()

    @classmethod
    def affecting(cls, *kinds: Affects) -> tuple[str, ...]:
        """Return the names of the settings that touch one of *kinds*."""
        marks = {
            name: next((mark for mark in field.metadata if isinstance(mark, Affects)), Affects.SCAN)
            for name, field in cls.model_fields.items()
        }
        return tuple(name for name, mark in marks.items() if mark in kinds)

    def differing(self, other: "Settings") -> tuple[str, ...]:
        """Return the names of the settings that *other* has otherwise."""
        names = type(self).model_fields
        return tuple(name for name in names if getattr(self, name) != getattr(other, name))

    @property
    def socket_address(self) -> SocketAddress:
        """Parts of ``socket``."""
        return socket_address(self.socket)

    @property
    def socket_mode_bits(self) -> int:
        """``socket_mode`` as a number for ``os.chmod``."""
        return int(self.socket_mode, 8)

    def with_ceiling(self, ceiling: str) -> "Settings":
        """Return these settings with another ceiling, a word such as ``reject``."""
        policy = self.policy.model_copy(update={"ceiling": ceiling})
        return self.model_copy(update={"policy": policy})

    def with_nameservers(self, addresses: tuple[str, ...], port: int) -> "Settings":
        """Return these settings with other resolvers."""
        dns = self.dns.model_copy(update={"nameservers": addresses, "port": port})
        return self.model_copy(update={"dns": dns})

    def policy_values(self) -> Policy:
        """Return the dials for ``policy.decide``."""
        chosen = self.policy
        return Policy(
            tag=chosen.tag,
            quarantine=chosen.quarantine,
            reject=chosen.reject,
            ceiling=Action.parse(chosen.ceiling),
            on_failure=Action.parse(chosen.on_failure),
            on_unverifiable=Action.parse(chosen.on_unverifiable),
            scores=MappingProxyType(dict(self.scores)),
        )

    @property
    def written_authserv_id(self) -> str:
        """The id of the results we add, "" where we add none and so own no id."""
        return self.site.authserv_id if self.authentication.add_results_header else ""
