"""Links of PDF documents: annotations, actions, and URLs in the text of the first pages."""

import logging
import re
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO

import pypdf
from pypdf.errors import DependencyError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from phish_milter.links import plain_text
from phish_milter.links.attachments.budget import Spending
from phish_milter.links.attachments.format import Format
from phish_milter.message.model import Anchor, Part

# What pypdf raises on broken files, as met with damaged and fuzzed ones.
_BROKEN = (
    PyPdfError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
# What objects and pages unpack to; the library's own limits (75 MB) are meant for pictures.
_LIMITS = pypdf.Configuration(
    array_based_stream_maximum_output_length=4_000_000,
    lzw_maximum_output_length=4_000_000,
    run_length_maximum_output_length=4_000_000,
    zlib_maximum_output_length=4_000_000,
    zlib_maximum_recovery_input_length=500_000,
    stream_decoding_work_maximum_length=10_000_000,
    stream_parsing_work_maximum_count=100_000,
    page_tree_maximum_entries=5_000,
)
_START = b"%PDF-"
_HEAD = 1024  # readers accept junk before the start up to here
_RAW_LINK = re.compile(rb"/URI\s{0,8}\(([^()\r\n]{4,2000})\)")  # in files too broken to open
_MOST_ANNOTATIONS = 100  # of one page; a table of contents has about 50
_TEXT_PAGES = 2  # extracting text costs about 10 ms a page
_LONGEST_SCRIPT = 4096

# What is wrong with a stranger's file is a defect of the mail, not news for the system log.
logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)


def anchors(part: Part, spending: Spending) -> Iterator[Anchor]:
    """Yield the links of the PDF in *part*."""
    budget = spending.budget
    if len(part.data) > budget.pdf_bytes:
        spending.defects.add("pdf-too-large")
    elif spending.take("pdf", budget.pdf_files):
        yield from _links(part.data, spending)


def _links(data: bytes, spending: Spending) -> list[Anchor]:
    found: list[Anchor] = []
    try:
        with pypdf.apply_configuration(_LIMITS):
            reader = pypdf.PdfReader(BytesIO(data), strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                spending.defects.add("pdf-encrypted")
            else:
                found.extend(_document(reader, spending))
    except DependencyError:  # a cipher we do not install
        spending.defects.add("pdf-encrypted")
    except _BROKEN:
        spending.defects.add("pdf-broken")
        raw = _RAW_LINK.findall(data)[:_MOST_ANNOTATIONS]
        found.extend(Anchor("pdf:link", url.decode("utf-8", "replace")) for url in raw)
    return found


def _document(reader: pypdf.PdfReader, spending: Spending) -> Iterator[Anchor]:
    yield from _action(reader.root_object.get("/OpenAction"))
    for number in range(min(len(reader.pages), spending.budget.pdf_pages)):
        page = reader.pages[number]
        for annotation in _items(page.get("/Annots"))[:_MOST_ANNOTATIONS]:
            found = _resolved(annotation)
            if isinstance(found, DictionaryObject):
                yield from _action(found.get("/A"))
        if number < _TEXT_PAGES:
            yield from _in_text(page, spending.budget.pdf_text_bytes)


def _in_text(page: pypdf.PageObject, most: int) -> Iterator[Anchor]:
    contents = page.get_contents()
    if contents is None or len(contents.get_data()) > most:
        return
    for found in plain_text.find(page.extract_text()):
        yield Anchor("pdf:text", found.url)


def _action(value: object) -> Iterator[Anchor]:
    action = _resolved(value)
    if not isinstance(action, DictionaryObject):
        return
    if "/URI" in action:
        yield Anchor("pdf:link", _string(action["/URI"]))
    if "/JS" in action:
        for found in plain_text.find(_string(action["/JS"])[:_LONGEST_SCRIPT]):
            yield Anchor("pdf:script", found.url)
    if action.get("/S") == "/SubmitForm":
        target = _resolved(action.get("/F"))
        if isinstance(target, DictionaryObject):
            target = target.get("/F")
        yield Anchor("pdf:form", _string(target))


def _string(value: object) -> str:
    found = _resolved(value)
    if isinstance(found, bytes):
        return found.decode("utf-8", "replace")
    return found if isinstance(found, str) else ""


def _items(value: object) -> list[object]:
    found = _resolved(value)
    return list(found) if isinstance(found, ArrayObject) else []


def _resolved(value: object) -> object:
    return value.get_object() if isinstance(value, IndirectObject) else value


def _is_pdf(data: bytes) -> bool:
    return _START in data[:_HEAD]


FORMAT = Format(
    read=anchors,
    types=frozenset({"application/pdf", "application/x-pdf"}),
    suffixes=(".pdf",),
    recognises=_is_pdf,
)
