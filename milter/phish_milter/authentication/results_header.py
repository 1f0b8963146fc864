"""Authentication-Results fields (RFC 8601): what they say and whom to believe."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from phish_milter.authentication.model import Authentication, Disbelief, DkimResult, Result
from phish_milter.authentication.signed_parts import covers_body, uncovered
from phish_milter.authentication.tag_list import parse_tags, signed_domains, tag_domain
from phish_milter.message.model import HeaderField

FIELD = "authentication-results"
#: Bytes of one field that are read; what lies beyond is not believed.
MAX_FIELD = 32_768
#: Results of one field that are read; a verifier reports a handful.
MAX_RESULTS = 100
#: Results of a field that is believed.  OpenDKIM cannot parse more, and what it cannot parse
#: it does not remove from incoming mail.
MAX_BELIEVED = 16

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
# The strict grammar of RFC 8601 section 2.2; an address may hold what a token may not.
_KEYWORD = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_METHOD = re.compile(rf"{_KEYWORD}(?:/1)?")
_WORD = re.compile(_KEYWORD)
_PROPERTY = re.compile(rf"reason|{_KEYWORD}\.{_KEYWORD}")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]*@[A-Za-z0-9_.-]+")
_WIRE = re.compile(rb"(?:[ -~\t]|\r?\n(?=[ \t]+[^ \t\r\n]))*")
_FOLD = r"(?:[ \t]|\r?\n)"
_NAME = re.compile(r"[\w.-]+")
# The id, then the version or the queue id that OpenDKIM adds (AuthservIDWithJobID).
_HEAD = re.compile(rf"{_FOLD}*(?P<id>[^\s;()/\"]+)(?:/[A-Za-z0-9]{{1,64}}|{_FOLD}+1)?{_FOLD}*;")


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
        authserv_id: Who says so, or pretends to: lower case, without a final dot and the
            queue id that OpenDKIM adds; "" when the field names nobody.
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
    authserv_id = head[0].text.lower().partition("/")[0].rstrip(".")
    if len(head) > 1 and head[1].text != "1":
        return AuthenticationResults(authserv_id)
    found = (_method_result(segment) for segment in rest[:MAX_RESULTS])
    return AuthenticationResults(authserv_id, tuple(r for r in found if r is not None))


def trusted_upstream(
    fields: Sequence[HeaderField], trusted_ids: frozenset[str]
) -> Authentication | None:
    """
    Return what the trusted verifier said about a message, None when none spoke.

    Only the topmost field that bears a trusted id counts, only above the first Received,
    and only if it is strictly well-formed: a verifier writes on top, and what its parser
    does not understand it does not remove.  A DKIM pass counts if *fields* hold a
    signature that fits it.
    """
    claims = _claims(fields, trusted_ids)
    if not claims or form_problem(claims[0].raw, trusted_ids):
        return None
    results = parse_results(claims[0].raw).results
    found = from_method_results(results, signed_domains(fields))
    signatures = [parse_tags(f.raw) for f in fields if f.name == "dkim-signature"]
    names = [f.name for f in fields]
    dkim = (_bound(r, signatures, names) for r in results if r.method == "dkim")
    return replace(found, dkim=tuple(one for one in dkim if one is not None))


def disbelieved(
    fields: Sequence[HeaderField], trusted_ids: frozenset[str]
) -> tuple[Disbelief, ...]:
    """Return why fields above the first Received that bear a trusted id are not believed."""
    claims = _claims(fields, trusted_ids)
    found = {reason for f in claims if (reason := form_problem(f.raw, trusted_ids))}
    return tuple(sorted(found | ({Disbelief.FURTHER} if len(claims) > 1 else set())))


def form_problem(raw: bytes, trusted_ids: frozenset[str]) -> Disbelief | None:
    """
    Return why *raw* is not what a verifier of one of *trusted_ids* writes, None when it is.

    Besides the grammar of RFC 8601 section 2.2, the id has to be spelled as it is configured,
    in any case of letters, without comments and quotes, alone or followed by version 1 or
    ``/`` and a queue id.
    """
    if len(raw) > MAX_FIELD or not _WIRE.fullmatch(raw):
        return Disbelief.FORM
    text = raw.decode("ascii")
    head = _HEAD.match(text)
    if head is None or head["id"].lower() not in {name.lower() for name in trusted_ids}:
        return Disbelief.SPELLING
    return None if _are_results(text[head.end() :]) else Disbelief.FORM


def _are_results(body: str) -> bool:
    """Whether *body* is ``none`` or results that a verifier reports, all strictly formed."""
    if not _closed(body):
        return False
    segments = _segments(body, cut=False)
    if [[token.text for token in segment] for segment in segments] == [["none"]]:
        return True
    return len(segments) <= MAX_BELIEVED and all(_is_result(segment) for segment in segments)


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

    The id counts in every spelling (RFC 8601 section 5), and wherever a field that names
    nobody mentions it; a longer or shorter name is another one.  An id that is trusted is
    not forged.  Delete in descending order.
    """
    own = own_id.lower().rstrip(".")
    if not own or own in {name.lower().rstrip(".") for name in trusted_ids}:
        return ()
    values = (f.raw for f in fields if f.name == FIELD)
    return tuple(n for n, raw in enumerate(values, 1) if _pretends(raw, {own}))


def _claims(fields: Iterable[HeaderField], trusted_ids: frozenset[str]) -> list[HeaderField]:
    """Return the fields above the first Received that bear a trusted id in any spelling."""
    trusted = {name.lower().rstrip(".") for name in trusted_ids}
    results = (f for f in _above_received(fields) if f.name == FIELD)
    return [f for f in results if trusted and _pretends(f.raw, trusted)]


def _pretends(raw: bytes, trusted: set[str]) -> bool:
    """
    Whether a field bears one of *trusted*, in any spelling.

    That is as the id it names, or put together again where spaces or comments tear it; a
    field that names nobody may mention it anywhere.
    """
    named = parse_results(raw).authserv_id
    text = raw[:MAX_FIELD].decode("utf-8", "replace")
    if not named:
        return not trusted.isdisjoint(_mentioned(text))
    head = "".join(token.text for token in _segments(text, cut=False)[0])
    return named in trusted or head.lower().rstrip(".") in trusted


def _mentioned(text: str) -> Iterator[str]:
    """Yield everything in *text* that looks like a name of a host or a verifier."""
    return (found[0].lower().strip(".") for found in _NAME.finditer(text))


def _bound(
    result: MethodResult, signatures: Iterable[Mapping[str, str]], names: Sequence[str]
) -> DkimResult | None:
    """
    Return *result* with what its signature covers, None for a pass without a signature.

    Where several signatures fit, it is not known which of them passed: all have to cover.
    """
    one = _dkim(result)
    if one.result is not Result.PASS:
        return one
    fitting = [tags for tags in signatures if _fits(result, one.domain, tags)]
    if not fitting:
        return None
    bare = frozenset[str]().union(*(uncovered(tags, names) for tags in fitting))
    return replace(one, uncovered=bare, whole_body=all(covers_body(tags) for tags in fitting))


def _fits(result: MethodResult, domain: str, tags: Mapping[str, str]) -> bool:
    """Whether *tags* are of the signature that *result* names by d=, s= and the start of b=."""
    said = result.properties
    selectors = (value.lower() for name, value in said if name == "header.s")
    starts = [value for name, value in said if name == "header.b"]
    signature = "".join(tags.get("b", "").split())
    return (
        bool(domain)
        and tag_domain(tags) == domain
        and all(tags.get("s", "").lower() == selector for selector in selectors)
        and all(signature.startswith(start) and start for start in starts)
    )


def _closed(text: str) -> bool:
    """Whether every comment and every quoted string of *text* ends, and no comment is stray."""
    at = 0
    while at < len(text):
        if text[at] == "(":
            at = _after_comment(text, at, unclosed=-1)
        elif text[at] == '"':
            string = _QUOTED.match(text, at)
            at = string.end() if string else -1
        else:
            at = -1 if text[at] == ")" else at + 1
        if at < 0:
            return False
    return True


def _is_result(segment: list[_Token]) -> bool:
    """Whether *segment* is ``method=result`` and then ``reason=`` or properties, and no more."""
    tokens = _joined(segment)
    starts = [0, *(at for at in range(1, len(tokens)) if _begins(tokens, at))]
    pairs = [tokens[at:end] for at, end in zip(starts, [*starts[1:], len(tokens)], strict=True)]
    if not all(_is_pair(pair) for pair in pairs):
        return False
    (method, _, word), *rest = pairs[0][:3], *pairs[1:]
    return (
        len(pairs[0]) == 3
        and bool(_METHOD.fullmatch(method.text))
        and bool(_WORD.fullmatch(word.text))
        and not word.quoted
        and all(_PROPERTY.fullmatch(pair[0].text.lower()) for pair in rest)
    )


def _begins(tokens: list[_Token], at: int) -> bool:
    """Whether a new pair begins at *at*: behind a gap that is not one beside ``=``."""
    return tokens[at].gap and not tokens[at].sign("=") and not tokens[at - 1].sign("=")


def _is_pair(tokens: list[_Token]) -> bool:
    """Whether *tokens* are ``name=value``, the value a token, a quoted string or an address."""
    if len(tokens) < 3 or tokens[0].quoted or not tokens[1].sign("="):
        return False
    first, *more = tokens[2:]
    if first.quoted:
        domain = "".join(token.text for token in more)
        return not domain or (domain.startswith("@") and bool(_ADDRESS.fullmatch(domain)))
    value = "".join(token.text for token in tokens[2:])
    unquoted = not any(token.quoted for token in more)
    return unquoted and bool(_TOKEN_VALUE.fullmatch(value) or _ADDRESS.fullmatch(value))


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


def _after_comment(text: str, at: int, unclosed: int | None = None) -> int:
    """
    Return the index behind the comment that opens at *at*; comments nest.

    That is *unclosed*, or the end of *text*, where the comment does not end.
    """
    depth = 0
    for sign in _PARENTHESIS.finditer(text, at):
        if sign[0] == "(":
            depth += 1
        elif sign[0] == ")":
            depth -= 1
        if depth == 0:
            return sign.end()
    return len(text) if unclosed is None else unclosed


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
