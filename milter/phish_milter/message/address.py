"""
Find every mailbox of an address field (RFC 5322 section 3.4) that any client could see.

Mail clients disagree about malformed address fields, and phishing lives in that gap. So
nothing here decides which reading is the right one: all of them are returned, marked as
*author* (a client takes it for the sender) or *shown only* (a reader sees it).
"""

import re
from dataclasses import dataclass, field
from typing import Final

from phish_milter.domains.names import canonical_domain
from phish_milter.message import defects
from phish_milter.message.header import decode_words
from phish_milter.message.model import Mailbox

_TOKEN: Final = re.compile(
    r"""
    (?P<space>\s++)
    | (?P<quoted>"(?:[^"\\]|\\.)*+")
    | (?P<angle><(?:[^<>"]|"(?:[^"\\<>]|\\.)*+"|")*+>)
    | (?P<word>[^\s"(),;<>]++)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
# Local parts and domains are limited to 64 and 255 octets (RFC 5321); malformed ones longer.
_ADDRESS: Final = re.compile(
    r"""[^\s<>()\[\]",;:@]{1,128}+(?:@(?:\[[^\s\[\]@]{1,80}\]|[^\s<>()\[\]",;:@]{1,255}+)){1,3}"""
)
_ANGLES: Final = re.compile(r"<\s*>|[<>]")
_MAX_COMMENT_DEPTH: Final = 20
_MAX_NAME: Final = 1000  # characters of a display name; clients show far fewer
_TRAILING: Final = ".,;:!?'\"`>)]}"


@dataclass(slots=True)
class Mailboxes:
    """
    What an address field holds.

    Attributes:
        authors: Mailboxes a client could take for the author, in order.
        shown: Mailboxes that stand in names and comments (``shown_only``).
        defects: What was odd, ``malformed-from`` for any malformed field.
    """

    authors: list[Mailbox] = field(default_factory=list)
    shown: list[Mailbox] = field(default_factory=list)
    defects: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Segment:
    """One comma-separated piece of the field, taken apart but not understood."""

    phrase: list[str] = field(default_factory=list)
    angles: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    quoted: bool = False


def parse_mailboxes(text: str, max_addresses: int) -> Mailboxes:
    """
    Return the mailboxes of an unfolded address field, encoded words not yet decoded.

    Words are decoded after the structure is known (RFC 2047 section 6.2), so that an
    encoded comma or ``<`` is no structure. When that leaves no author at all, the decoded
    text is read again, since some clients decode first. Linear in ``len(text)``.
    """
    result = Mailboxes()
    _read(text, result, max_addresses)
    if not any(author.address for author in result.authors) and "=?" in text:
        again = Mailboxes()
        _read(decode_words(text, set()).replace("=?", ""), again, max_addresses)
        if any(author.address for author in again.authors):
            again.defects |= result.defects | {defects.MALFORMED_FROM}
            return again
    if not result.authors and text:
        result.defects.add(defects.MALFORMED_FROM)
        _fall_back(text, result)
    return result


def _fall_back(text: str, result: Mailboxes) -> None:
    """
    Name an author where the field has none in the right place.

    ``Brand,(<a@b.example>)`` is common in phishing: clients show the name, and some the
    address. A field without any address still shows its text.
    """
    bare = _ANGLES.sub(" ", strip_comments(text)).replace('"', "")
    name = _name([bare], result.defects)
    addresses = [mailbox.address for mailbox in result.shown] or [""]
    result.authors = [Mailbox(name, address) for address in addresses]
    result.shown = []


def _read(text: str, result: Mailboxes, max_addresses: int) -> None:
    carried: list[str] = []
    for segment in _segments(text, result.defects):
        if len(result.authors) + len(result.shown) >= max_addresses:
            result.defects.add(defects.TOO_MANY_ADDRESSES)
            return
        if not segment.angles and not any("@" in word for word in segment.phrase):
            # "Smith, Ann <a@b>": an unquoted comma in a name.
            carried += [*segment.phrase, ", "]
            result.shown += _inside(" ".join(segment.comments))
            continue
        segment.phrase = carried + segment.phrase
        carried = []
        _resolve(segment, result)
    result.shown += _inside(_name(carried, result.defects))


def _segments(text: str, found: set[str]) -> list[_Segment]:
    segments = [_Segment()]
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:  # cannot be: the last alternative takes any character
            break
        piece, kind = match[0], match.lastgroup
        position = match.end()
        current = segments[-1]
        if kind == "angle":
            current.angles.append(piece[1:-1])
        elif kind == "quoted":
            current.quoted = True
            current.phrase.append(_ESCAPED.sub(r"\1", piece[1:-1]))
        elif piece == "(":
            position, comment = _comment(text, position)
            current.comments.append(comment)
        elif piece in ",;":
            segments.append(_Segment())
        elif kind == "mark":
            found.add(defects.MALFORMED_FROM)
            current.phrase.append(piece)
        else:
            current.phrase.append(" " if kind == "space" else piece)
    return segments


_PAREN: Final = re.compile(r"[()]|\\.", re.DOTALL)


def _comment(text: str, start: int) -> tuple[int, str]:
    """Return the end and the text of the comment whose ``(`` stands before *start*."""
    depth = 1
    for match in _PAREN.finditer(text, start):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            return match.end(), text[start : match.start()]
        if depth > _MAX_COMMENT_DEPTH:
            break
    return len(text), text[start:]


def _resolve(segment: _Segment, result: Mailboxes) -> None:
    name = _name(segment.phrase, result.defects)
    comments = decode_words(" ".join(segment.comments), result.defects)
    addresses = [address for angle in segment.angles if (address := _angle(angle))]
    if segment.angles and len(addresses) != 1:
        result.defects.add(defects.MALFORMED_FROM)
    if not addresses and segment.angles:
        # "Brand <brand.example>" or "Brand <>": a name without an address, and it is shown.
        shown = " ".join(angle.strip() for angle in segment.angles)
        result.authors.append(Mailbox(f"{name} {shown}".strip()[:_MAX_NAME], ""))
    elif addresses:
        for address in addresses:
            result.authors.append(Mailbox(name or comments[:_MAX_NAME], address))
            result.shown += _inside(address.rpartition("@")[0])
        result.shown += _inside(name)
    else:
        _bare(name, comments, result)
    result.shown += _inside(comments)


def _bare(name: str, comments: str, result: Mailboxes) -> None:
    """Take the addresses of a segment that has no usable ``<...>``."""
    found = [(match, _canonical(match[0])) for match in _ADDRESS.finditer(name)]
    if not found:
        loose = _canonical(name.replace(" ", ""))
        if "@" in loose.strip("@"):
            result.authors.append(Mailbox(comments, loose))
        return
    rest = _ADDRESS.sub(" ", name)
    display = " ".join(rest.split()).strip(" :\"'<>")
    if display or len(found) > 1:
        result.defects.add(defects.MALFORMED_FROM)
    for match, address in found:
        front, _, rest = match[0].partition("@")
        if "@" in rest:
            # "brand@good.example@evil.example": readers see the front, servers use the end.
            result.defects.add(defects.MALFORMED_FROM)
            first = _canonical(f"{front}@{rest.partition('@')[0]}")
            result.authors.append(Mailbox(display[:_MAX_NAME], first))
        result.authors.append(Mailbox((display or comments)[:_MAX_NAME], address))


def _name(phrase: list[str], found: set[str]) -> str:
    text = decode_words("".join(phrase)[: 4 * _MAX_NAME], found)
    text = " ".join(text.split()).strip(" ,")
    if text.count('"') % 2:
        text = text.strip('"')  # a quote that nothing closes
    return text[:_MAX_NAME]


def _angle(content: str) -> str:
    """Return the address inside ``<...>`` in canonical form, "" when there is none."""
    text = content.strip()
    if text.startswith("@") and ":" in text:  # source route, RFC 5322 section 4.4
        text = text.partition(":")[2]
    text = strip_comments(text)
    text = text.removeprefix("mailto:") if text.lower().startswith("mailto:") else text
    local, at, domain = text.rpartition("@")
    if not at:
        return ""
    local = local.strip() if '"' in local else "".join(local.split())
    return _canonical(f"{local}@{''.join(domain.split())}")


def strip_comments(text: str) -> str:
    """Return *text* without its comments, which nest and may lack their end (RFC 5322)."""
    if "(" not in text:
        return text
    out, position = [], 0
    while (start := text.find("(", position)) >= 0:
        out.append(text[position:start])
        position, _ = _comment(text, start + 1)
    return "".join([*out, text[position:]])


def _inside(text: str) -> list[Mailbox]:
    """Return the addresses that stand inside a name, a comment or a local part."""
    if "@" not in text:
        return []
    return [
        Mailbox("", _canonical(match[0].rstrip(_TRAILING)), shown_only=True)
        for match in _ADDRESS.finditer(text)
    ]


def _canonical(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{canonical_domain(domain)}"
