"""Authentication-Results fields (RFC 8601): whom to believe, and how to write our own."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from phish_milter.authentication.model import Authentication, DkimResult, Result
from phish_milter.authentication.tags import signed_domains
from phish_milter.message.model import Envelope, HeaderField

FIELD = "authentication-results"
#: Bytes of one field that are read; what lies beyond is not believed.
MAX_FIELD = 32_768
#: Results of one field that are read; a verifier reports a handful.
MAX_RESULTS = 100

_NAMED = {result.value: result for result in Result if result is not Result.SKIPPED}
#: Words of older standards, and of verifiers that never left them (RFC 8601 section 2.7.2).
_OLD_NAMES = {
    "hardfail": Result.FAIL,
    "permfail": Result.PERMERROR,
    "tempfail": Result.TEMPERROR,
    "error": Result.TEMPERROR,
    "unknown": Result.NEUTRAL,
    "bestguesspass": Result.NONE,
}
_SPACE = re.compile(r"\s+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ATOM = re.compile(r'[^\s();="]+')
_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_TOKEN_VALUE = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~@-]+")
_UNPRINTABLE = re.compile(r"[^ -~]")
_UNKNOWN = Envelope()


@dataclass(frozen=True, slots=True)
class MethodResult:
    """
    One result of one method.

    Attributes:
        method: Lower case, without version ("dkim").
        result: What the method said.
        reason: Free text of ``reason=``, "" when none.
        properties: ("header.d", "pypi.org") in order, names in lower case.
    """

    method: str
    result: Result
    reason: str = ""
    properties: tuple[tuple[str, str], ...] = ()

    def property(self, name: str) -> str:
        """Return the value of *name*, "" when it is absent or said differently twice."""
        values = {value.lower() for key, value in self.properties if key == name}
        return values.pop() if len(values) == 1 else ""


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """
    One field.

    Attributes:
        authserv_id: Who says so, lower case; "" when the field names nobody.
        results: What could be understood; empty for ``none`` and for other versions than 1.
    """

    authserv_id: str
    results: tuple[MethodResult, ...] = ()


@dataclass(frozen=True, slots=True)
class _Token:
    """An atom, a quoted string, ``;`` or ``=``; *gap* tells of white space or a comment before."""

    text: str
    gap: bool
    quoted: bool = False

    def sign(self, text: str) -> bool:
        """Whether it is the unquoted sign *text*."""
        return self.text == text and not self.quoted


def parse_results(raw: bytes) -> AuthenticationResults:
    """
    Read one field value (RFC 8601 section 2.2) as it is on the wire.

    The raw value and not the decoded one: an RFC 2047 word in an address must not
    turn into results.  Never raises; after an unclosed comment or string nothing is
    believed, and what cannot be understood is left out.
    """
    head, *rest = _segments(raw[:MAX_FIELD].decode("utf-8", "replace"), cut=len(raw) > MAX_FIELD)
    if not head or any(token.sign("=") for token in head):
        return AuthenticationResults("")
    authserv_id = head[0].text.lower().rstrip(".")
    if len(head) > 1 and head[1].text != "1":
        return AuthenticationResults(authserv_id)
    found = (_method_result(segment) for segment in rest[:MAX_RESULTS])
    return AuthenticationResults(authserv_id, tuple(r for r in found if r is not None))


def trusted_upstream(
    fields: Sequence[HeaderField], trusted_ids: frozenset[str]
) -> Authentication | None:
    """
    Return what trusted verifiers said about a message, None when none spoke.

    Only fields above the first Received field count: those below it were there before
    the last host that we know of.  *trusted_ids* are compared exactly, in any case.
    """
    trusted = {name.lower().rstrip(".") for name in trusted_ids}
    if not trusted:
        return None
    said = [parse_results(f.raw) for f in _above_received(fields) if f.name == FIELD]
    believed = [one for one in said if one.authserv_id in trusted]
    if not believed:
        return None
    results = [result for one in believed for result in one.results]
    return from_method_results(results, signed_domains(fields))


def from_method_results(
    results: Sequence[MethodResult], signed: tuple[str, ...] = ()
) -> Authentication:
    """Combine *results*, topmost first: one word each for SPF, DMARC and ARC, all of DKIM."""
    return Authentication(
        spf=_spf(results),
        dkim=tuple(_dkim(r) for r in results if r.method == "dkim"),
        dmarc=_first(results, "dmarc"),
        arc=_first(results, "arc"),
        source="upstream",
        signed_domains=signed,
    )


def forged_indexes(
    fields: Iterable[HeaderField], own_id: str, trusted_ids: frozenset[str]
) -> tuple[int, ...]:
    """
    Return which Authentication-Results fields pretend to be ours, 1-based among those fields.

    Only the exact id counts (RFC 8601 section 5), and an id that is trusted is not
    forged.  Delete in descending order.
    """
    own = own_id.lower().rstrip(".")
    if not own or own in {name.lower().rstrip(".") for name in trusted_ids}:
        return ()
    values = (f.raw for f in fields if f.name == FIELD)
    return tuple(n for n, raw in enumerate(values, 1) if parse_results(raw).authserv_id == own)


def write_results(
    authserv_id: str,
    authentication: Authentication,
    *,
    header_from: str = "",
    envelope: Envelope = _UNKNOWN,
) -> str:
    """
    Return the value of our own field, folded with LF and space as libmilter wants it.

    Args:
        authserv_id: Our name.
        authentication: What we found; methods that were skipped are left out.
        header_from: Domain of the header From, for DMARC.
        envelope: What SMTP said, for SPF.
    """
    policy = authentication.dmarc_policy
    parts = [
        *_written("spf", authentication.spf, *_spf_identity(envelope)),
        *(part for one in authentication.dkim for part in _written_dkim(one)),
        *_written("dkim", _unsigned(authentication)),
        *_written(
            "dmarc", authentication.dmarc, "header.from", header_from, policy and f"p={policy}"
        ),
        *_written("arc", authentication.arc),
    ]
    return ";\n ".join([_value(authserv_id), *(parts or ["none"])])


def _above_received(fields: Iterable[HeaderField]) -> Iterator[HeaderField]:
    for field in fields:
        if field.name == "received":
            return
        yield field


def _spf(results: Sequence[MethodResult]) -> Result:
    """MAIL FROM is the identity that counts; HELO is what is left when there is none."""
    of_sender = [r for r in results if r.method == "spf" and r.property("smtp.mailfrom")]
    return _first(of_sender or results, "spf")


def _first(results: Iterable[MethodResult], method: str) -> Result:
    return next((r.result for r in results if r.method == method), Result.SKIPPED)


def _dkim(result: MethodResult) -> DkimResult:
    named = result.property("header.d")
    identity = result.property("header.i").rpartition("@")[2]
    domain = named if any(key == "header.d" for key, _ in result.properties) else identity
    return DkimResult(domain.rstrip("."), result.result, result.reason)


def _segments(text: str, *, cut: bool) -> list[list[_Token]]:
    """Return the tokens between the semicolons; the last segment of a cut field is dropped."""
    segments: list[list[_Token]] = [[]]
    for token in _tokens(text):
        if token.sign(";"):
            segments.append([])
        else:
            segments[-1].append(token)
    return segments[:-1] if cut and len(segments) > 1 else segments


def _tokens(text: str) -> Iterator[_Token]:
    """Yield the tokens of *text*, each character looked at once."""
    at, gap = 0, False
    while at < len(text):
        if text[at] == "(":
            at, gap = _after_comment(text, at), True
        elif space := _SPACE.match(text, at):
            at, gap = space.end(), True
        elif text[at] == '"':
            string = _QUOTED.match(text, at)
            if string is None:
                return
            yield _Token(_ESCAPE.sub(r"\1", string[1]), gap, quoted=True)
            at, gap = string.end(), False
        else:
            atom = _ATOM.match(text, at)
            at, word = (atom.end(), atom[0]) if atom else (at + 1, text[at])
            yield _Token(word, gap)
            gap = False


def _after_comment(text: str, at: int) -> int:
    """Return the index behind the comment that opens at *at*; comments nest."""
    depth = 0
    for sign in _PARENTHESIS.finditer(text, at):
        if sign[0] == "(":
            depth += 1
        elif sign[0] == ")":
            depth -= 1
        if depth == 0:
            return sign.end()
    return len(text)


def _method_result(segment: list[_Token]) -> MethodResult | None:
    """Return the result a segment states, None when it states none we know."""
    pairs = list(_pairs(_joined(segment)))
    if not pairs:
        return None
    (method, word), *rest = pairs
    result = _NAMED.get(word.lower()) or _OLD_NAMES.get(word.lower())
    if result is None:
        return None
    return MethodResult(
        method.partition("/")[0],
        result,
        next((value for key, value in rest if key == "reason"), ""),
        tuple((key, value) for key, value in rest if "." in key),
    )


def _joined(segment: list[_Token]) -> list[_Token]:
    """Put ``header . d`` and ``dkim / 1`` together, which may be written with spaces."""
    out: list[_Token] = []
    glue = False
    for token in segment:
        joint = token.sign(".") or token.sign("/")
        if out and (joint or glue) and not out[-1].sign("="):
            out[-1] = _Token(out[-1].text + token.text, out[-1].gap, out[-1].quoted)
        else:
            out.append(token)
        glue = joint
    return out


def _pairs(tokens: list[_Token]) -> Iterator[tuple[str, str]]:
    """Yield ``name=value``; the value goes on as far as no space or comment ends it."""
    at = 0
    while at + 2 < len(tokens):
        if tokens[at].quoted or tokens[at].sign("=") or not tokens[at + 1].sign("="):
            at += 1
            continue
        end = at + 3
        while end < len(tokens) and not tokens[end].gap:
            end += 1
        yield tokens[at].text.lower(), "".join(token.text for token in tokens[at + 2 : end])
        at = end


def _written(
    method: str, result: Result, name: str = "", value: str = "", comment: str = ""
) -> Iterator[str]:
    if result is not Result.SKIPPED:
        remark = f" ({comment})" if comment else ""
        yield f"{method}={result}{remark}" + (f" {name}={_value(value)}" if value else "")


def _spf_identity(envelope: Envelope) -> tuple[str, str]:
    """Return what SPF looked at: HELO for the null sender (RFC 8601 section 2.7.2)."""
    if envelope.mail_from:
        return "smtp.mailfrom", envelope.mail_from
    return "smtp.helo", envelope.helo


def _unsigned(authentication: Authentication) -> Result:
    """Return ``none`` where we looked and saw no signature (RFC 8601 section 2.7.1)."""
    looked = authentication.source == "own"
    signed = authentication.dkim or authentication.signed_domains
    return Result.NONE if looked and not signed else Result.SKIPPED


def _written_dkim(one: DkimResult) -> Iterator[str]:
    reason = f" reason={_quoted(one.reason)}" if one.reason else ""
    for part in _written("dkim", one.result):
        yield part + reason + (f" header.d={_value(one.domain)}" if one.domain else "")


def _value(text: str) -> str:
    return text if _TOKEN_VALUE.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    """Return *text* as an ASCII quoted string that can hold no line end."""
    clean = _UNPRINTABLE.sub("?", text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'
