"""DKIM (RFC 6376, RFC 8301, RFC 8463): the signatures of one message and what each is worth."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import dkim
from dkim.util import InvalidTagValueList, parse_tag_value

from phish_milter.authentication.canonical import Wire
from phish_milter.authentication.dkim_keys import key_name, usable_key
from phish_milter.authentication.model import DkimResult, Result
from phish_milter.authentication.signed_parts import covers_body, uncovered
from phish_milter.authentication.tag_list import parse_tags, signed_fields, tag_domain
from phish_milter.dns.questions import Answers

FIELD = "dkim-signature"
#: Signatures looked at, from the top; real mail has one or two, lists and providers add some.
MAX_SIGNATURES = 8
#: Names in one ``h=``; each may have to be looked for among all fields.
MAX_SIGNED_FIELDS = 200
#: Seconds that clocks may differ for ``t=`` and ``x=``.
CLOCK_SKEW = 300
#: The domain did sign this header, and another body: changed on its way, or somebody's replay.
BODY_CHANGED = "body hash did not verify"
#: Nothing shows that the domain ever signed this: anybody can write such a field.
SIGNATURE_CHANGED = "signature did not verify"
#: The domain did sign this header; the body was too large to be looked at.
TOO_LARGE = "message too large to verify"

ALGORITHMS = frozenset({"rsa-sha256", "ed25519-sha256"})
_REQUIRED = ("v", "a", "b", "bh", "d", "h", "s")
#: Hashes of an empty body (RFC 6376 section 3.4.3 and 3.4.4): one form makes a line of it.
_NO_BODY = {
    form: base64.b64encode(hashlib.sha256(body).digest())
    for form, body in ((b"simple", b"\r\n"), (b"relaxed", b""))
}
#: Longer white space is no folding, and the library's own patterns take its square in time.
_LONG_SPACE = re.compile(rb"\s{64}")
#: What the library raises, besides its own, about fields and keys that are not well formed.
LIBRARY_ERRORS = (
    dkim.DKIMException,
    InvalidTagValueList,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
)


def verify_signatures(
    wire: Wire, names: Iterable[str], answers: Answers, now: float, *, truncated: bool = False
) -> tuple[DkimResult, ...]:
    """
    Return the result of every DKIM-Signature field; those beyond the limit get ``policy``.

    Args:
        wire: The whole message.
        names: Names of the header fields as the reader's side counted them.
        answers: Keys, as far as DNS gave them.
        now: Seconds since 1970.
        truncated: The end of the body is missing, so that no signature can pass.
    """
    fields = enumerate(wire.values(FIELD))
    mail = _Mail(wire, (tuple(names), tuple(wire.names())), answers, now, truncated)
    return tuple(_verify(mail, index, raw) for index, raw in fields)


def signature_tags(values: Iterable[bytes]) -> Iterator[Mapping[str, str]]:
    """Yield the tags of the signatures that will be looked at."""
    for index, raw in enumerate(values):
        if index < MAX_SIGNATURES:
            yield parse_tags(raw)


@dataclass(frozen=True, slots=True)
class _Mail:
    """What all signatures of one message are verified against."""

    wire: Wire
    names: tuple[tuple[str, ...], ...]
    answers: Answers
    now: float
    truncated: bool


def _verify(mail: _Mail, index: int, raw: bytes) -> DkimResult:
    tags = parse_tags(raw)
    domain = tag_domain(tags)
    if index >= MAX_SIGNATURES:
        return DkimResult(domain, Result.POLICY, "too many signatures")
    problem = (
        field_problem(raw, tags, _REQUIRED) or time_problem(tags, mail.now) or _dkim_problem(tags)
    )
    if problem:
        return DkimResult(domain, *problem)
    key = usable_key(mail.answers.get(key_name(tags), "TXT"), tags["a"])
    if not key.record:
        return DkimResult(domain, key.result, key.reason)
    result = _crypto(mail, index, tags, key.record)
    bare = frozenset().union(*(uncovered(tags, names) for names in mail.names))
    return replace(DkimResult(domain, *result), uncovered=bare, whole_body=covers_body(tags))


def field_problem(
    raw: bytes, tags: Mapping[str, str], required: Iterable[str]
) -> tuple[Result, str] | None:
    """Return what makes a signature field useless before any crypto, None when nothing does."""
    if any(not tags.get(name) for name in required) or _LONG_SPACE.search(raw):
        return Result.PERMERROR, "malformed signature"
    if tags["a"] not in ALGORITHMS:
        return Result.POLICY, f"algorithm {tags['a'][:20]}"
    if len(signed_fields(tags)) > MAX_SIGNED_FIELDS:
        return Result.POLICY, "too many signed fields"
    return None


def time_problem(tags: Mapping[str, str], now: float) -> tuple[Result, str] | None:
    """Return what ``t=`` and ``x=`` (seconds since 1970) say against a signature."""
    signed, expires = _seconds(tags.get("t")), _seconds(tags.get("x"))
    if signed is None or expires is None:
        return Result.PERMERROR, "malformed time"
    if "t" in tags and signed > now + CLOCK_SKEW:
        return Result.PERMERROR, "signed in the future"
    if "x" in tags and expires < max(signed, now - CLOCK_SKEW):
        return Result.FAIL, "signature expired"
    return None


def _seconds(text: str | None) -> int | None:
    """Return 0 for an absent tag, None for one that is no number (RFC 6376: 1 to 12 digits)."""
    if text is None:
        return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None


def _dkim_problem(tags: Mapping[str, str]) -> tuple[Result, str] | None:
    if "from" not in signed_fields(tags):
        return Result.PERMERROR, "From is not signed"
    if tags["v"] != "1":
        return Result.PERMERROR, "unknown version"
    return None


def _crypto(mail: _Mail, index: int, tags: Mapping[str, str], record: bytes) -> tuple[Result, str]:
    verifier = mail.wire.verifier({FIELD, *signed_fields(tags)})
    field = [pair for pair in verifier.headers if pair[0].lower() == FIELD.encode()][index]
    try:
        said = parse_tag_value(field[1])
        # The library would compare times with its own clock; we have done that with ours.
        dkim.validate_signature_fields({k: v for k, v in said.items() if k not in (b"t", b"x")})
        if mail.truncated:
            signed = _header_holds(verifier, said, field, record)
            return (Result.NEUTRAL, TOO_LARGE) if signed else (Result.FAIL, SIGNATURE_CHANGED)
        good = _holds(verifier, said, field, record)
    except dkim.ValidationError as error:
        if not str(error).startswith("body hash"):
            return Result.PERMERROR, "malformed signature"
        signed = _header_holds(verifier, said, field, record)
        return Result.FAIL, BODY_CHANGED if signed else SIGNATURE_CHANGED
    except LIBRARY_ERRORS:
        return Result.PERMERROR, "malformed signature"
    return (Result.PASS, "") if good else (Result.FAIL, SIGNATURE_CHANGED)


def _holds(
    verifier: dkim.DKIM, said: dict[bytes, bytes], field: tuple[bytes, bytes], record: bytes
) -> bool:
    names = [name.strip().lower() for name in said[b"h"].split(b":")]
    return bool(verifier.verify_sig(said, names, field, lambda *_, **__: record))


def _header_holds(
    verifier: dkim.DKIM, said: dict[bytes, bytes], field: tuple[bytes, bytes], record: bytes
) -> bool:
    """
    Whether the signature verifies over the header, whatever became of the body.

    The library compares body hashes first.  It is shown an empty body with the hash of one;
    what was signed is the field as it stands, with the hash that the signer wrote.
    """
    form = said.get(b"c", b"").partition(b"/")[2].strip() or b"simple"
    verifier.body = b""
    unseen = {k: v for k, v in said.items() if k != b"l"} | {b"bh": _NO_BODY.get(form, b"")}
    try:
        return _holds(verifier, unseen, field, record)
    except LIBRARY_ERRORS:
        return False
