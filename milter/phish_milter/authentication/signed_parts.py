"""What a signature protects: the header fields a reader sees, and all of the body."""

from collections import Counter
from collections.abc import Iterable, Mapping

from phish_milter.authentication.tag_list import signed_fields

#: Fields that make up what a reader sees; each one present has to be signed.
PROTECTED = frozenset({"from", "subject", "to", "date", "mime-version", "content-type"})
#: Decides where answers go; a proof does without it, but then says nothing about answers.
REPLIES = "reply-to"


def uncovered(tags: Mapping[str, str], names: Iterable[str]) -> frozenset[str]:
    """
    Return what ``h=`` does not cover of the protected fields and Reply-To among *names*.

    A name signs one field, from the bottom (RFC 6376 section 5.4.2), so that a field
    present twice has to be named twice: a second Subject is not covered by one.
    """
    present = Counter(name for name in names if name in PROTECTED or name == REPLIES)
    named = Counter(signed_fields(tags))
    return frozenset(name for name, count in present.items() if named[name] < count)


def covers_body(tags: Mapping[str, str]) -> bool:
    """Whether all of the body is signed: with ``l=`` anybody can add to it."""
    return "l" not in tags
