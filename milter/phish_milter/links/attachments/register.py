"""
Links inside attachments: PDF documents, calendar entries, drawings and QR codes.

Attachments are hostile and slow to read, so everything is counted against one budget for the
whole mail; what did not fit is named in the defects.
"""

from collections.abc import Iterable, Iterator

from phish_milter.links.attachments import calendar, pdf, qr, svg
from phish_milter.links.attachments.budget import Budget, Spending
from phish_milter.message.model import Anchor, Part

_PDF_START = b"%PDF-"
_PDF_HEAD = 1024  # readers accept junk before the header up to here
_KINDS = {
    "application/pdf": "pdf",
    "application/x-pdf": "pdf",
    "text/calendar": "calendar",
    "application/ics": "calendar",
    "image/svg+xml": "drawing",
    "text/html": "html",
}
_SUFFIXES = {".pdf": "pdf", ".ics": "calendar", ".svg": "drawing", ".svgz": "drawing"}
_PICTURES = ("image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp", "image/bmp")
_READERS = {
    "pdf": pdf.anchors,
    "calendar": calendar.anchors,
    "drawing": svg.anchors,
    "picture": qr.anchors,
    "html": qr.inline_anchors,
}

__all__ = ["Budget", "Spending", "anchors", "anchors_of"]


def anchors_of(
    parts: Iterable[Part], budget: Budget, defects: set[str]
) -> Iterator[tuple[Part, Anchor]]:
    """Yield the links inside all attachments among *parts*; add what was left out to *defects*."""
    spending = Spending(budget)
    for part in parts:
        for anchor in anchors(part, spending):
            if spending.take("attachment-links", budget.links):
                yield part, anchor
    defects.update(spending.defects)


def anchors(part: Part, spending: Spending) -> Iterable[Anchor]:
    """Return the links inside *part*, none when it is of no kind that can hold them."""
    kind = _kind(part)
    return _READERS[kind](part, spending) if kind else ()


def _kind(part: Part) -> str:
    """Return what *part* is: senders choose its declared type, readers' programs look inside."""
    kind = _KINDS.get(part.content_type, "")
    if kind:
        return kind
    if part.content_type in _PICTURES:
        return "picture"
    if part.content_type.startswith(("text/", "multipart/", "message/")):
        return ""
    if _PDF_START in part.data[:_PDF_HEAD]:
        return "pdf"
    if qr.is_picture(part.data):
        return "picture"
    name = part.filename.lower()
    return next((kind for suffix, kind in _SUFFIXES.items() if name.endswith(suffix)), "")
