"""Tag lists of DKIM and ARC fields (RFC 6376 section 3.2), read without ever raising."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from phish_milter.message.model import HeaderField

#: Longest tag list read; real ones stay below 4 kB, even with 8192-bit signatures.
MAX_TAG_LIST = 16_384
_EMPTY: Mapping[str, str] = MappingProxyType({})


def parse_tags(raw: bytes) -> Mapping[str, str]:
    """
    Return the tags of *raw*, names and values stripped, folds taken out.

    A list with a duplicate or nameless tag is invalid as a whole (RFC 6376), as is an
    oversized one: the result is then empty.
    """
    if len(raw) > MAX_TAG_LIST:
        return _EMPTY
    tags: dict[str, str] = {}
    for spec in raw.decode("utf-8", "replace").split(";"):
        if not spec.strip():
            continue
        name, equals, value = spec.partition("=")
        name = name.strip()
        if not equals or not name or name in tags:
            return _EMPTY
        tags[name] = " ".join(value.split())
    return tags


def signed_fields(tags: Mapping[str, str]) -> tuple[str, ...]:
    """Return the field names of ``h=`` in lower case, in order, duplicates kept."""
    return tuple(name.strip().lower() for name in tags.get("h", "").split(":") if name.strip())


def tag_domain(tags: Mapping[str, str]) -> str:
    """Return ``d=`` in lower case without a final dot, "" when there is none."""
    return tags.get("d", "").lower().rstrip(".")


def signed_domains(fields: Iterable[HeaderField]) -> tuple[str, ...]:
    """Return ``d=`` of every DKIM-Signature field that names one, in order."""
    found = (tag_domain(parse_tags(f.raw)) for f in fields if f.name == "dkim-signature")
    return tuple(domain for domain in found if domain)
