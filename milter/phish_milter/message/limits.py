"""How much of one message is looked at, and why that much."""

from dataclasses import dataclass

TAIL_BYTES = 256 * 1024
"""Kept from the end of an oversized message: a footer or last part with the link is there."""


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Budgets of one message; what lies beyond one is named by a defect.

    Attributes:
        max_bytes: Scanned from the start, bytes; the last ``TAIL_BYTES`` come on top. Real
            phishing is far below, and big mail is big because of attachments.
        max_fields: Header fields kept of one header; real mail has below 200. Fields that
            say who wrote (From, Subject, ...) are kept up to twice as many.
        max_field_bytes: Bytes decoded of one field: clients show a few hundred.
        max_addresses: Mailboxes kept of all author fields; more is no author line.
        max_parts: Leaves of the MIME tree; the last ones count as well as the first.
        max_depth: Nesting of multiparts and messages; forwards of forwards stay below 20.
        max_work_bytes: Bytes searched for boundaries over all levels, so that nesting times
            size stays bounded.
        max_text: Characters of one text part that are rendered, its end included.
        max_tags: Tags of one HTML part that are rendered: newsletters stay below 10,000.
        max_anchors: Links kept of one text part, a fifth of them from its end.
    """

    max_bytes: int = 4 * 1024 * 1024
    max_fields: int = 1000
    max_field_bytes: int = 64 * 1024
    max_addresses: int = 100
    max_parts: int = 200
    max_depth: int = 50
    max_work_bytes: int = 64 * 1024 * 1024
    max_text: int = 512 * 1024
    max_tags: int = 60_000
    max_anchors: int = 1000


DEFAULT = Limits()


def ends(text: str, limit: int) -> str:
    """Return *text* cut to *limit* characters: three quarters from its start, the rest its end."""
    if len(text) <= limit:
        return text
    tail = limit // 4
    return f"{text[: limit - tail]}\n{text[-tail:]}"
