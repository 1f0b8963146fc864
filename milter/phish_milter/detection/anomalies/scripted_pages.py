"""Attached pages that do something when they are opened."""

import re
from collections.abc import Iterable, Iterator

from phish_milter.detection.anomalies.model import Anomaly, SeenAnomaly
from phish_milter.message.model import Part

_PAGES = frozenset({"text/html", "application/xhtml+xml", "image/svg+xml"})
_NAMES = (".htm", ".html", ".shtml", ".xhtml", ".svg")
_MOST_PAGES = 5
_MOST_BYTES = 512 * 1024  # a page that hides its script behind more is downloaded, not opened
# Going elsewhere, writing the page anew, decoding what it is, sending what was typed.
_ACTS = re.compile(
    rb"(?:window|document|top|self|parent)\s*\.\s*location\b|location\s*\.\s*(?:href|replace|assign)"
    rb"|\bdocument\s*\.\s*write|\bunescape\s*\(|\batob\s*\(|\beval\s*\(|fromCharCode"
    rb"|\bfetch\s*\(|XMLHttpRequest|\.ajax\s*\(|http-equiv\s*=\s*[\"']?refresh",
    re.IGNORECASE,
)
_SCRIPT = re.compile(rb"<\s*script|http-equiv\s*=\s*[\"']?refresh|\bonload\s*=", re.IGNORECASE)


def attachment_anomalies(parts: Iterable[Part]) -> Iterator[SeenAnomaly]:
    """Yield the first attached page that acts by itself."""
    pages = [part for part in parts if _is_attached_page(part) and not part.nested]
    for part in pages[:_MOST_PAGES]:
        data = part.data[:_MOST_BYTES]
        found = _ACTS.search(data) if _SCRIPT.search(data) else None
        if found:
            does = found[0].decode("ascii", "replace")[:40]
            yield SeenAnomaly(Anomaly.SCRIPTED_ATTACHMENT, f"{part.filename[:60]!r} runs {does!r}")
            return


def _is_attached_page(part: Part) -> bool:
    name = part.filename.lower().rstrip()
    if name.endswith(_NAMES):
        return True
    return part.disposition == "attachment" and part.content_type in _PAGES
