"""The immutable view of one message that everything after parsing works on."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Envelope:
    """
    What SMTP said about a message (RFC 5321); empty strings where unknown.

    Attributes:
        client_ip: Textual IPv4 or IPv6 address of the sending host.
        helo: Name given in HELO or EHLO.
        mail_from: Envelope sender without angle brackets; "" is the null sender.
        rcpt_to: Recipients without angle brackets.
    """

    client_ip: str = ""
    helo: str = ""
    mail_from: str = ""
    rcpt_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeaderField:
    """
    One header field (RFC 5322 section 2.2).

    Attributes:
        name: Field name in lower case.
        raw: Value as on the wire: leading space and folds kept, no final line end.
        value: Unfolded value, RFC 2047 words decoded, control characters kept.
    """

    name: str
    raw: bytes
    value: str


@dataclass(frozen=True, slots=True)
class Mailbox:
    """
    One address that a reader or a mail client could take for an author.

    Attributes:
        display_name: Decoded display name, "" when there is none.
        address: addr-spec; local part as written, domain in lower case.
        shown_only: The address stands inside a display name or a comment: the
            reader sees it, but mail clients do not take it for the author.
    """

    display_name: str
    address: str
    shown_only: bool = False

    @property
    def domain(self) -> str:
        """Domain of the address, "" when it has none."""
        return self.address.rpartition("@")[2] if "@" in self.address else ""


@dataclass(frozen=True, slots=True)
class Anchor:
    """
    A place of a text part that leads somewhere, before the URL is understood.

    Attributes:
        source: Where it stands: ``text``, ``html:a``, ``html:area``, ``html:form``,
            ``html:refresh``, ... (element or attribute the target comes from).
        url: Target as written, entities decoded, not resolved.
        shown: Text (or alt text) the reader is shown for it, "" when none.
        base: URL of ``<base href>`` in force, "" when none.
        quoted: It stands in quoted, forwarded or code text.
        asks_secret: A form with a password or one-time-code field.
        unseen: It stands in text that is taken for hidden.
    """

    source: str
    url: str
    shown: str = ""
    base: str = ""
    quoted: bool = False
    asks_secret: bool = False
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """
    One text part as its reader sees it.

    Hidden text that could be a letter is one more document of the same part.

    Attributes:
        part: MIME path such as ``1.2``; the root is ``1``.
        media_type: ``text/plain`` or ``text/html``.
        visible: Text on the screen: tags gone, hidden text left out, lines kept.
        own: *visible* without quoted lines, forwarded blocks and code.
        hidden: Text the reader does not see, joined by newlines.
        anchors: Places that lead somewhere, in document order.
        title: ``<title>`` of HTML, "" otherwise.
        nested: The part lies inside a ``message/rfc822`` part.
        attached: The part is an attachment rather than shown inline.
    """

    part: str
    media_type: str
    visible: str
    own: str
    hidden: str = ""
    anchors: tuple[Anchor, ...] = ()
    title: str = ""
    nested: bool = False
    attached: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """
    One leaf of the MIME tree, decoded.

    Attributes:
        path: MIME path such as ``1.2``.
        content_type: Lower-case type/subtype, ``text/plain`` where missing or broken.
        filename: Decoded file name, "" when none.
        disposition: ``attachment``, ``inline`` or "".
        charset: Declared charset, lower case, "" when none.
        data: Content after the transfer encoding was undone.
        nested: The part lies inside a ``message/rfc822`` part.
    """

    path: str
    content_type: str
    filename: str
    disposition: str
    charset: str
    data: bytes = field(repr=False)
    nested: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """
    One mail.  Parsing never raises: what is wrong with it is listed in *defects*.

    Attributes:
        fields: Header fields in order, topmost first.
        authors: Every mailbox of every From field, in order, then addresses shown
            inside display names and comments (``shown_only``).
        from_fields: How many From fields there are.
        reply_to: Mailboxes of every Reply-To field.
        subject: Decoded subject (all Subject fields joined by a newline).
        parts: Leaves of the MIME tree in order.
        documents: The text parts as a reader sees them.
        defects: Sorted, unique, stable words such as ``duplicate-from``.
        scanned_bytes: How many bytes were looked at.
    """

    fields: tuple[HeaderField, ...]
    authors: tuple[Mailbox, ...]
    from_fields: int
    reply_to: tuple[Mailbox, ...]
    subject: str
    parts: tuple[Part, ...]
    documents: tuple[Document, ...]
    defects: tuple[str, ...]
    scanned_bytes: int

    @property
    def senders(self) -> tuple[Mailbox, ...]:
        """The authors that a client takes for such, without those that are only shown."""
        return tuple(author for author in self.authors if not author.shown_only)

    def all(self, name: str) -> tuple[HeaderField, ...]:
        """Return every field called *name* (lower case), topmost first."""
        return tuple(f for f in self.fields if f.name == name)

    def first(self, name: str) -> str:
        """Return the decoded value of the topmost field called *name*, or ""."""
        return next((f.value for f in self.fields if f.name == name), "")
