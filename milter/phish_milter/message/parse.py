"""Turn the bytes of a mail into a ``Message``: never raises, linear time, same in, same out."""

import re
from dataclasses import dataclass, replace
from typing import Final

from phish_milter.message import defects
from phish_milter.message.address import Mailboxes, parse_mailboxes
from phish_milter.message.decode import text_decode
from phish_milter.message.format_flowed import unflow
from phish_milter.message.header import RawHeader, decode_field, raw_text, split
from phish_milter.message.html.reader import render
from phish_milter.message.limits import DEFAULT, TAIL_BYTES, Limits, ends
from phish_milter.message.mime import Leaf, walk
from phish_milter.message.model import Document, HeaderField, Mailbox, Message, Part
from phish_milter.message.quoting import is_answer, is_forward, own_or_visible, own_text

__all__ = ["Limits", "parse"]

_HTML_TYPES: Final = frozenset(
    {"text/html", "application/xhtml+xml", "application/xhtml", "text/xhtml", "image/svg+xml"}
)
# Types that say what is inside so clearly that no client looks for HTML there.
_FIRM: Final = ("text/", "image/", "audio/", "video/", "multipart/", "message/")
_HTML_NAME: Final = re.compile(r"(?i)\.(?:[xs]?html?|xht|svgz?|mht|mhtml)\s*\Z")
_HTML_START: Final = re.compile(
    rb"(?i)\s*(?:\xef\xbb\xbf)?\s*(?:<!--[^>]{0,500}>\s*|<\?xml[^>]{0,200}>\s*)?"
    rb"<(?:!doctype\s+(?:html|svg)|html|head|body|meta|script|style|svg|table|div|center|p|a)[\s>]"
)
_META_CHARSET: Final = re.compile(rb"""(?i)<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]{2,40})""")
# Fields of an answer and of list mail.
_THREAD: Final = frozenset({b"in-reply-to", b"references", b"list-id"})
_SNIFFED: Final = 1024  # bytes; browsers look that far (WHATWG MIME sniffing)
_FOLDED: Final = re.compile(r"\r?\n[ \t]")


def parse(raw: bytes, limits: Limits = DEFAULT, *, truncated: bool = False) -> Message:
    """
    Return the message in *raw*: any bytes, any line ends, header only, body only.

    Of more than ``limits.max_bytes`` only the start and the last 256 KiB are looked at
    (defect ``truncated``). *truncated* says that ``BodyBuffer`` already left something out.

    Nothing is executed, fetched or rendered, and nothing is raised: what is odd, or was
    not looked at, is a word in ``defects`` (``message.defects``).
    """
    data, cut = _cut(raw, limits)
    if b"\n" not in data and b"\r" in data:
        data = data.replace(b"\r", b"\n")
    header = split(data, 0, len(data), limits)
    tree = walk(data, header, limits)
    found = header.defects | tree.defects
    if cut or truncated:
        found.add(defects.TRUNCATED)
    fields = _fields(header, limits, found)
    subject = "\n".join(field.value for field in fields if field.name == "subject")
    _count(header, found)
    authors = _mailboxes(header, b"from", limits, found)
    return Message(
        fields=fields,
        authors=(*authors.authors, *authors.shown),
        from_fields=sum(name == b"from" for name, _ in header.fields),
        reply_to=_reply_to(header, limits),
        subject=subject,
        parts=tuple(_part(leaf) for leaf in tree.leaves),
        documents=_documents(tree.leaves, limits, found, _context(header, subject)),
        defects=tuple(sorted(found)),
        scanned_bytes=len(data),
    )


def _cut(raw: bytes, limits: Limits) -> tuple[bytes, bool]:
    if len(raw) <= limits.max_bytes + TAIL_BYTES:
        return raw, False
    return raw[: limits.max_bytes] + raw[-TAIL_BYTES:], True


def _fields(header: RawHeader, limits: Limits, found: set[str]) -> tuple[HeaderField, ...]:
    fields = []
    for name, raw in header.fields:
        field, odd = decode_field(name, raw, limits)
        fields.append(field)
        found |= odd
    if not fields:
        found.add(defects.NO_HEADER)
    return tuple(fields)


def _count(header: RawHeader, found: set[str]) -> None:
    names = [name for name, _ in header.fields]
    senders = names.count(b"from")
    if senders != 1:
        found.add(defects.DUPLICATE_FROM if senders else defects.MISSING_FROM)
    if names.count(b"subject") > 1:
        found.add(defects.DUPLICATE_SUBJECT)


def _mailboxes(header: RawHeader, name: bytes, limits: Limits, found: set[str]) -> Mailboxes:
    every = Mailboxes()
    for raw in header.values(name):
        room = limits.max_addresses - len(every.authors) - len(every.shown)
        one = parse_mailboxes(raw_text(raw, limits, found), room)
        every.authors += one.authors
        every.shown += one.shown
        found |= one.defects
    return every


def _reply_to(header: RawHeader, limits: Limits) -> tuple[Mailbox, ...]:
    every = _mailboxes(header, b"reply-to", limits, set())
    return (*every.authors, *every.shown)


def _part(leaf: Leaf) -> Part:
    return Part(
        path=leaf.path,
        content_type=leaf.type.name,
        filename=leaf.filename,
        disposition=leaf.disposition,
        charset=leaf.type.get("charset").strip().lower(),
        data=leaf.data,
        nested=leaf.nested,
    )


@dataclass(frozen=True, slots=True)
class _Context:
    """What the header says about quoting: a forward, or part of a conversation."""

    forward: bool
    conversation: bool


def _context(header: RawHeader, subject: str) -> _Context:
    names = {name for name, _ in header.fields}
    conversation = not _THREAD.isdisjoint(names) or is_answer(subject)
    return _Context(is_forward(subject), conversation)


def _documents(
    leaves: list[Leaf], limits: Limits, found: set[str], context: _Context
) -> tuple[Document, ...]:
    documents = []
    for leaf in leaves:
        if _is_html(leaf, found):
            documents += _html(leaf, limits, found, context)
        elif leaf.type.name.startswith(("text/", "message/", "multipart/")):
            documents.append(_plain(leaf, limits, found, context))
    return tuple(documents)


def _is_html(leaf: Leaf, found: set[str]) -> bool:
    if leaf.type.name in _HTML_TYPES:
        return True
    named = bool(leaf.filename) and _HTML_NAME.search(leaf.filename) is not None
    if leaf.declared and leaf.type.name.startswith(_FIRM) and not named:
        return False
    start = leaf.data[:_SNIFFED].replace(b"\0", b"")
    html = named or _HTML_START.match(start) is not None
    if html:
        found.add(defects.TYPE_LIE)
    return html


def _text(leaf: Leaf, found: set[str], *, html: bool) -> str:
    charset = leaf.type.get("charset").strip().lower()
    if not charset and html:
        meta = _META_CHARSET.search(leaf.data, 0, _SNIFFED)
        charset = meta[1].decode("ascii").lower() if meta else ""
        # The mark and the declaration inside the part can only agree (WHATWG 13.2.3.5).
        charset = "utf-8" if charset.startswith(("utf-16", "utf-32")) else charset
    text, defect = text_decode(leaf.data, charset)
    if defect:
        found.add(defect)
    if "\0" in text:
        found.add(defects.NUL)
        text = text.replace("\0", "")
    return text


def _html(leaf: Leaf, limits: Limits, found: set[str], context: _Context) -> list[Document]:
    """Return what is visible, and hidden text that is read all the same."""
    view = render(
        _text(leaf, found, html=True),
        limits,
        forward=context.forward,
        conversation=context.conversation,
    )
    found |= view.defects
    document = Document(
        part=leaf.path,
        media_type="text/html",
        visible=view.visible,
        own=view.own,
        hidden=view.hidden,
        anchors=view.anchors,
        title=view.title,
        nested=leaf.nested,
        attached=_is_attached(leaf) or leaf.type.name != "text/html",
    )
    if not view.unseen:
        return [document]
    seen = tuple(anchor for anchor in view.anchors if not anchor.unseen)
    rest = tuple(anchor for anchor in view.anchors if anchor.unseen)
    second = replace(document, visible=view.unseen, own=view.unseen, anchors=rest, title="")
    return [replace(document, anchors=seen), second]


def _plain(leaf: Leaf, limits: Limits, found: set[str], context: _Context) -> Document:
    text = _text(leaf, found, html=False)
    if len(text) > limits.max_text:
        found.add(defects.LONG_TEXT)
        text = ends(text, limits.max_text)
    visible = _lines(text, leaf)
    own = own_or_visible(own_text(visible), visible, forward=context.forward)
    return Document(
        part=leaf.path,
        media_type="text/plain",
        visible=visible,
        own=own,
        nested=leaf.nested or leaf.type.name.startswith("message/"),
        attached=_is_attached(leaf),
    )


def _lines(text: str, leaf: Leaf) -> str:
    if leaf.type.name == "text/calendar":  # RFC 5545: folded lines, escaped line ends
        text = _FOLDED.sub("", text).replace("\\n", "\n").replace("\\N", "\n")
        return text.replace("\\,", ",").replace("\r\n", "\n")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if leaf.type.get("format").lower() == "flowed":
        return unflow(text, delete_space=leaf.type.get("delsp").lower() == "yes")
    return text


def _is_attached(leaf: Leaf) -> bool:
    if leaf.disposition:
        return leaf.disposition == "attachment"
    return bool(leaf.filename)
