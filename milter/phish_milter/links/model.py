"""The immutable view of one link."""

from dataclasses import dataclass
from enum import StrEnum

LOADED_SOURCES = frozenset({"html:background", "html:css", "html:image", "html:srcset"})
"""Sources of links that are fetched to draw the mail."""
TEXT_SOURCES = frozenset({"text", "html:text"})
"""Sources of links that mail programs make of running text."""
HEADER = "header"
"""The part that links of header fields stand in."""


class Trick(StrEnum):
    """A way of writing a URL that makes readers or parsers misjudge the host."""

    USERINFO = "userinfo"
    IP_LITERAL = "ip_literal"
    BACKSLASH = "backslash"
    CONTROL = "control"
    ENCODED_HOST = "encoded_host"
    UNICODE_HOST = "unicode_host"
    MIXED_SCRIPT = "mixed_script"
    ODD_PORT = "odd_port"
    DATA = "data"
    SCRIPT = "script"


@dataclass(frozen=True, slots=True)
class Link:
    """
    One link and where it leads, without anything having been fetched.

    Attributes:
        written: Target as written in the mail.
        target: Serialised URL (WHATWG) after all known wrappers were undone.
        host: Host of *target*: ASCII (punycode), lower case, no trailing dot; "" when
            the target has none.
        domain: Registrable domain of *host* (private suffixes count), or the host
            itself for address literals and bare suffixes.
        path: Path, query and fragment of *target*, percent-encoded.
        shown: Text the reader is shown, "" when none.
        shown_host: Host that *shown* names, same form as *host*, "" when none.
        source: Where it stands, as in ``message.model.Anchor``.
        part: MIME path of the part, "header" for header fields.
        wrappers: Hosts of the rewriters and redirectors undone, outermost first.
        unresolved: The final target is hidden behind an opaque redirector or shortener.
        quoted: It stands in quoted, forwarded, nested or code text.
        asks_secret: It is a form that asks for a password or code.
        tricks: Ways in which the URL as written misleads.
        candidates: Further hosts that other parsers would go to, worst included.
    """

    written: str
    target: str
    host: str
    domain: str
    path: str
    shown: str
    shown_host: str
    source: str
    part: str
    wrappers: tuple[str, ...] = ()
    unresolved: bool = False
    quoted: bool = False
    asks_secret: bool = False
    tricks: frozenset[Trick] = frozenset()
    candidates: tuple[str, ...] = ()

    @property
    def is_mention(self) -> bool:
        """Whether it is just a host named in running text, with nothing to open there."""
        in_text = self.source in TEXT_SOURCES
        return in_text and "://" not in self.written and self.path in ("", "/")

    @property
    def is_loaded(self) -> bool:
        """Whether it is fetched to draw the mail: no reader is led there."""
        return self.source in LOADED_SOURCES

    @property
    def in_header(self) -> bool:
        """Whether it stands in a header field such as List-Unsubscribe."""
        return self.part == HEADER
