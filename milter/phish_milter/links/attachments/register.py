"""
Links inside attachments: the explicit register of formats, and how all are read.

Attachments are hostile and slow to read, so everything is counted against one budget for the
whole mail; what did not fit is named in the defects.
"""

from collections.abc import Iterable, Iterator

from phish_milter.links.attachments import calendar, pdf, qr, svg
from phish_milter.links.attachments.budget import Budget, Spending
from phish_milter.links.attachments.format import Format
from phish_milter.message.model import Anchor, Part

# A new format is one line here.
FORMATS: tuple[Format, ...] = (
    pdf.FORMAT,
    calendar.FORMAT,
    svg.FORMAT,
    qr.PICTURE,
    qr.PAGE,
)
_BY_TYPE = {type_: format_ for format_ in FORMATS for type_ in format_.types}
_BY_SUFFIX = {suffix: format_ for format_ in FORMATS for suffix in format_.suffixes}


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
    """Return the links inside *part*, none when it is of no format that can hold them."""
    format_ = _format(part)
    return format_.read(part, spending) if format_ else ()


def _format(part: Part) -> Format | None:
    """Return what *part* is: senders choose its declared type, readers' programs look inside."""
    format_ = _BY_TYPE.get(part.content_type)
    if format_ is not None:
        return format_
    if not part.content_type.startswith(("text/", "multipart/", "message/")):
        for candidate in FORMATS:
            if candidate.recognises is not None and candidate.recognises(part.data):
                return candidate
    dot = part.filename.rfind(".")
    return _BY_SUFFIX.get(part.filename[dot:].lower()) if dot >= 0 else None
