"""
Split a message into the leaves of its MIME tree (RFC 2046), without recursion.

Where clients could disagree (two content types, several boundaries, text outside of the
parts) every reading is returned, so that nothing can hide behind the choice of one.
"""

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple

from phish_milter.message import defects
from phish_milter.message.address import strip_comments
from phish_milter.message.content_type import ContentType, parse_disposition, parse_type
from phish_milter.message.decode import transfer_decode
from phish_milter.message.header import RawHeader, split
from phish_milter.message.limits import Limits

_MAX_READINGS: Final = 4  # of one part with several types or encodings
_ENTITY_WORK: Final = 4096  # what opening one entity costs, in bytes searched
_MAX_MARKS: Final = 2000  # delimiter lines of one multipart; far more than parts are kept
_SOME: Final = 65536  # bytes searched when guessing what something is
_DELIMITER_END: Final = re.compile(rb"(--)?[ \t]*+(?:\r?\n|\r|\Z)")
_LINE_END: Final = re.compile(rb"[^\r\n]*+(?:\r?\n|\r|\Z)")
_GUESS: Final = re.compile(rb"\n--([^\r\n]{1,200})\r?\n[Cc]ontent-")
# What makes text outside of the parts worth reading.
_INTERESTING: Final = re.compile(rb"(?i)://|www\.|<(?:a|html|body|form|table)[\s>]")
_ENCODES: Final = frozenset({"base64", "quoted-printable"})
_FIELD_START: Final = re.compile(rb"\s*[A-Za-z-]{2,40}:")
_NESTED_TYPES: Final = frozenset({"message/rfc822", "message/global", "message/news"})


@dataclass(frozen=True, slots=True)
class Leaf:
    """
    One leaf of the MIME tree, its transfer encoding undone.

    Attributes:
        path: MIME path such as ``1.2``; text outside of the parts has its own number.
        type: Content type as it counts.
        declared: There was a readable Content-Type field.
        disposition: ``attachment``, ``inline`` or "".
        filename: Decoded file name, "" when none.
        data: Decoded content.
        nested: Inside a ``message/rfc822`` part.
    """

    path: str
    type: ContentType
    declared: bool
    disposition: str
    filename: str
    data: bytes
    nested: bool


class _Mark(NamedTuple):
    """A delimiter line: where it starts, where the next part starts, whether it closes."""

    start: int
    end: int
    closes: bool


@dataclass(slots=True)
class Tree:
    """The leaves of a message and its defects."""

    leaves: list[Leaf] = field(default_factory=list)
    defects: set[str] = field(default_factory=set)
    work: int = 0


@dataclass(frozen=True, slots=True)
class _Entity:
    """A header and a body still to be looked at: ``data[start:end]``."""

    data: bytes
    start: int
    end: int
    path: str
    depth: int = 0
    nested: bool = False
    default: str = "text/plain"
    bare: bool = False  # no header: text outside of the parts


def walk(data: bytes, header: RawHeader, limits: Limits) -> Tree:
    """Return the tree of the message in *data*, whose header was split already."""
    tree = Tree()
    root = _Entity(data, header.body, len(data), "1")
    todo = _open(root, header, tree, limits)
    todo.reverse()
    while todo:
        if len(tree.leaves) >= limits.max_parts:
            tree.defects.add(defects.TOO_MANY_PARTS)
            break
        entity = todo.pop()
        if entity.bare:
            plain = RawHeader([], entity.start, set())
            children = _open(entity, plain, tree, limits)
        else:
            head = split(entity.data, entity.start, entity.end, limits)
            tree.defects |= head.defects
            children = _open(entity, head, tree, limits)
        todo.extend(reversed(children))
    return tree


def _open(entity: _Entity, header: RawHeader, tree: Tree, limits: Limits) -> list[_Entity]:
    """Read one entity under every type it declares; returns what lies inside of it."""
    types, declared = _types(entity, header, tree)
    children: list[_Entity] = []
    for kind in types:
        inside = _container(entity, header, kind, tree, limits)
        if inside is None:
            _add_leaves(entity, header, kind, tree, declared=declared)
        else:
            children += inside
    if len(types) == 1:
        return children
    # Two types that lead to the same bytes must not double the work on every level.
    return list({(child.start, child.end, child.bare): child for child in children}.values())


def _types(entity: _Entity, header: RawHeader, tree: Tree) -> tuple[list[ContentType], bool]:
    raw = header.values(b"content-type")
    if not raw:
        return [ContentType(entity.default)], False
    types: list[ContentType] = []
    for value in dict.fromkeys(raw):
        kind = parse_type(value)
        if kind is None:
            tree.defects.add(defects.BROKEN_CONTENT_TYPE)
        elif kind not in types:
            types.append(kind)
    if len(types) > 1:
        tree.defects.add(defects.DUPLICATE_CONTENT_TYPE)
    return types[:_MAX_READINGS] or [ContentType("text/plain")], bool(types)


def _encodings(header: RawHeader, tree: Tree) -> list[str]:
    raw = header.values(b"content-transfer-encoding")
    words = dict.fromkeys(_encoding(value) for value in raw)
    if len(words) > 1:
        tree.defects.add(defects.DUPLICATE_ENCODING)
    return list(words)[:_MAX_READINGS] or [""]


def _encoding(value: bytes) -> str:
    text = value.decode("latin-1")
    # What stands behind a comment that follows the word is junk; the word still counts.
    word = strip_comments(text).lstrip()[:200].partition(";")[0]
    return (word.split() or [""])[0].strip("\"'").lower()


def _container(
    entity: _Entity,
    header: RawHeader,
    kind: ContentType,
    tree: Tree,
    limits: Limits,
) -> list[_Entity] | None:
    """Return what a multipart or message holds, None when it is to be read as a leaf."""
    multipart = kind.name.startswith("multipart/")
    if not multipart and kind.name not in _NESTED_TYPES:
        return None
    tree.work += entity.end - header.body + _ENTITY_WORK
    if entity.depth >= limits.max_depth or tree.work > limits.max_work_bytes:
        deep = entity.depth >= limits.max_depth
        tree.defects.add(defects.TOO_DEEP if deep else defects.TOO_COMPLEX)
        return None
    inner = _decoded(entity, header.body, kind, _encodings(header, tree), tree)
    if not multipart:
        return [_message_inside(inner)]
    return _multipart(inner, kind, tree, limits)


def _decoded(
    entity: _Entity, body: int, kind: ContentType, encodings: list[str], tree: Tree
) -> _Entity:
    """Return the inside of a container; one that is encoded, though it may not be, decoded."""
    data, start, end = entity.data, body, entity.end
    encoding = next((word for word in encodings if word in _ENCODES), "")
    if encoding and not _is_plain(data, start, end, kind):
        data, _ = transfer_decode(data[start:end], encoding)
        start, end = 0, len(data)
        tree.defects.add(defects.ENCODED_MULTIPART)
    return _Entity(data, start, end, entity.path, entity.depth, entity.nested)


def _is_plain(data: bytes, start: int, end: int, kind: ContentType) -> bool:
    """Say whether a container declared as encoded can be read as it stands."""
    if kind.name in _NESTED_TYPES:
        return _FIELD_START.match(data, start, end) is not None
    return any(data.find(b"--" + mark, start, end) >= 0 for mark in _boundaries(kind))


def _message_inside(inner: _Entity) -> _Entity:
    data, start, end = inner.data, inner.start, inner.end
    return _Entity(data, start, end, f"{inner.path}.1", inner.depth + 1, nested=True)


def _multipart(
    inner: _Entity, kind: ContentType, tree: Tree, limits: Limits
) -> list[_Entity] | None:
    marks = _delimiters(inner, kind, tree)
    if not marks:
        tree.defects.add(defects.MISSING_BOUNDARY)
        return None
    default = "message/rfc822" if kind.name == "multipart/digest" else "text/plain"
    closed = [index for index, mark in enumerate(marks) if mark.closes]
    if not closed:
        tree.defects.add(defects.UNCLOSED_MULTIPART)
    elif closed[0] < len(marks) - 1:
        tree.defects.add(defects.PARTS_AFTER_END)
    regions = _regions(inner, marks)
    last = regions.pop() if marks[-1].closes else None
    if len(regions) > limits.max_parts:
        # The end counts too: what hides behind a wall of parts stands there.
        tree.defects.add(defects.TOO_MANY_PARTS)
        regions[limits.max_parts * 3 // 4 : -limits.max_parts // 5] = []
    make = partial(_Entity, inner.data, depth=inner.depth + 1, nested=inner.nested)
    children = [
        make(start, end, f"{inner.path}.{number}", default=default)
        for number, start, end in regions
    ]
    epilogue = make(last[1], last[2], f"{inner.path}.{last[0]}") if last else None
    return _with_outside(inner, marks[0].start, children, epilogue, tree)


def _regions(inner: _Entity, marks: list[_Mark]) -> list[tuple[int, int, int]]:
    """Return number, start and end of what follows each delimiter line."""
    regions = []
    for number, mark in enumerate(marks, 1):
        edge = marks[number].start if number < len(marks) else inner.end
        end = _without_line_end(inner.data, mark.end, edge) if number < len(marks) else edge
        regions.append((number, mark.end, max(end, mark.end)))
    return regions


def _with_outside(
    inner: _Entity,
    first: int,
    children: list[_Entity],
    epilogue: _Entity | None,
    tree: Tree,
) -> list[_Entity]:
    preamble = _outside(inner, inner.start, first, f"{inner.path}.0")
    if preamble is not None:
        tree.defects.add(defects.TEXT_IN_PREAMBLE)
        children.insert(0, preamble)
    if epilogue is not None:
        outside = _outside(inner, epilogue.start, epilogue.end, epilogue.path)
        if outside is not None:
            tree.defects.add(defects.TEXT_IN_EPILOGUE)
            children.append(outside)
    return children


def _outside(inner: _Entity, start: int, end: int, path: str) -> _Entity | None:
    """Return the text before or after the parts, if anything in it could matter."""
    if end - start < 5 or not _INTERESTING.search(inner.data, start, min(end, start + _SOME)):
        return None
    return _Entity(inner.data, start, end, path, inner.depth + 1, inner.nested, bare=True)


def _delimiters(inner: _Entity, kind: ContentType, tree: Tree) -> list[_Mark]:
    boundaries = _boundaries(kind)
    if len(boundaries) > 1:
        tree.defects.add(defects.DUPLICATE_BOUNDARY)
    for exact in (True, False):
        found: set[_Mark] = set()
        for boundary in boundaries:
            found.update(_marks(inner, b"--" + boundary, exact=exact))
        if found:
            if not exact:
                tree.defects.add(defects.LOOSE_BOUNDARY)
            return sorted(found)
    guess = _GUESS.search(inner.data, max(inner.start - 1, 0), min(inner.end, inner.start + _SOME))
    if guess is None:
        return []
    tree.defects.add(defects.MISSING_BOUNDARY)
    return _marks(inner, b"--" + guess[1].rstrip(), exact=True)


def _boundaries(kind: ContentType) -> list[bytes]:
    values = (value.encode("latin-1", "replace") for value in kind.all("boundary"))
    return list(dict.fromkeys(value for value in values if value.strip()))[:_MAX_READINGS]


def _marks(inner: _Entity, delimiter: bytes, *, exact: bool) -> list[_Mark]:
    """Return the lines that start with *delimiter*; *exact*: and hold nothing else."""
    marks: list[_Mark] = []
    if inner.data.startswith(delimiter, inner.start):
        _add_mark(marks, inner, inner.start + len(delimiter), len(delimiter), exact=exact)
    for line_end in (b"\n", b"\r"):
        marks += _marks_after(inner, line_end + delimiter, exact=exact)
    return marks


def _marks_after(inner: _Entity, wanted: bytes, *, exact: bool) -> list[_Mark]:
    """Return the first delimiter lines, and the last ones if there are too many."""
    data, start, end, size = inner.data, inner.start, inner.end, len(wanted)
    marks: list[_Mark] = []
    position = start
    while len(marks) < _MAX_MARKS and (position := data.find(wanted, position, end)) >= 0:
        position += size
        _add_mark(marks, inner, position, size - 1, exact=exact)
        position -= 1  # the line end may start the next delimiter
    if len(marks) < _MAX_MARKS:
        return marks
    first, position = len(marks), end
    while len(marks) < first + _MAX_MARKS // 10:
        if (position := data.rfind(wanted, marks[first - 1].end, position)) < 0:
            break
        _add_mark(marks, inner, position + size, size - 1, exact=exact)
    return marks


def _add_mark(marks: list[_Mark], inner: _Entity, after: int, size: int, *, exact: bool) -> None:
    match = _DELIMITER_END.match(inner.data, after, inner.end)
    if match is not None:
        marks.append(_Mark(after - size, match.end(), match[1] is not None))
    elif not exact:
        line = _LINE_END.match(inner.data, after, inner.end)
        closes = inner.data.startswith(b"--", after)
        marks.append(_Mark(after - size, line.end() if line else inner.end, closes))


def _without_line_end(data: bytes, start: int, end: int) -> int:
    """Return *end* without the line end before it, which belongs to the delimiter."""
    if end > start and data[end - 1] == 10:
        end -= 1
    if end > start and data[end - 1] == 13:
        end -= 1
    return end


def _add_leaves(
    entity: _Entity,
    header: RawHeader,
    kind: ContentType,
    tree: Tree,
    *,
    declared: bool,
) -> None:
    disposition, filename = parse_disposition(header.values(b"content-disposition"))
    filename = filename or kind.get("name")
    raw = entity.data[header.body : entity.end]
    for data in _contents(raw, _encodings(header, tree), tree):
        tree.leaves.append(
            Leaf(entity.path, kind, declared, disposition, filename, data, entity.nested)
        )


def _contents(raw: bytes, encodings: list[str], tree: Tree) -> list[bytes]:
    contents: list[bytes] = []
    for encoding in encodings:
        data, defect = transfer_decode(raw, encoding)
        if defect:
            tree.defects.add(defect)
        if defect == defects.BROKEN_BASE64 and _INTERESTING.search(raw[:_SOME]):
            contents.append(raw)  # declared base64, and it is none
        contents.append(data)
    return list(dict.fromkeys(contents))
