"""ARC (RFC 8617): the chain of sealers, and what the trusted ones among them saw."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from phish_milter.authentication.canonical import Wire
from phish_milter.authentication.dkim import LIBRARY_ERRORS, field_problem, time_problem
from phish_milter.authentication.dkim_keys import key_name, usable_key
from phish_milter.authentication.model import DkimResult, Result
from phish_milter.authentication.results_header import from_method_results, parse_results
from phish_milter.authentication.signed_parts import covers_body, uncovered
from phish_milter.authentication.tag_list import parse_tags, tag_domain
from phish_milter.dns.questions import Answers

if TYPE_CHECKING:
    import dkim

SEAL = "arc-seal"
MESSAGE_SIGNATURE = "arc-message-signature"
RESULTS = "arc-authentication-results"
#: Sets of one chain; RFC 8617 allows 50, real chains have up to four, and each costs us two
#: signatures.
MAX_SETS = 10

_INSTANCE = re.compile(rb"\s*i\s{0,8}=\s{0,8}(\d{1,2})\s{0,8};")
_SEAL_TAGS = ("i", "cv", "a", "b", "d", "s")
_MESSAGE_TAGS = ("i", "a", "b", "bh", "d", "s", "h")


@dataclass(frozen=True, slots=True)
class ArcSet:
    """
    The three fields of one instance.

    Attributes:
        instance: Its ``i=``.
        seal, message: Tags of ARC-Seal and ARC-Message-Signature.
        results: Value of ARC-Authentication-Results without its ``i=``.
    """

    instance: int
    seal: Mapping[str, str]
    message: Mapping[str, str]
    results: bytes


@dataclass(frozen=True, slots=True)
class Chain:
    """
    State of the chain and the DKIM passes that trusted sealers recorded.

    Attributes:
        result: ``none`` without ARC fields, else pass, fail or temperror.
        dkim: Passes recorded by a trusted sealer that only trusted sealers followed;
            ``temperror`` instead of ``pass`` where a key could not be had.
    """

    result: Result
    dkim: tuple[DkimResult, ...] = ()


def arc_tags(headers: Iterable[tuple[str, bytes]]) -> Iterator[Mapping[str, str]]:
    """Yield the tags of the ARC signatures whose keys are needed, given (name, value) pairs."""
    count = 0
    for name, raw in headers:
        if name in (SEAL, MESSAGE_SIGNATURE) and count < 2 * MAX_SETS:
            count += 1
            yield parse_tags(raw)


def verify_chain(
    wire: Wire, names: Iterable[str], answers: Answers, trusted: frozenset[str], now: float
) -> Chain:
    """
    Verify all seals, and the newest message signature over the message as it is now.

    *names* are the header fields as the reader's side counted them.  *trusted* sealers
    are compared exactly with ``d=`` of their seals.
    """
    values = {name: wire.values(name) for name in (SEAL, MESSAGE_SIGNATURE, RESULTS)}
    if not any(values.values()):
        return Chain(Result.NONE)
    sets = _sets(values)
    if not sets or _structure_fails(values, sets, now):
        return Chain(Result.FAIL)
    keys = _keys(sets, answers)
    result = _result(wire, sets, keys)
    if result is Result.FAIL:
        return Chain(result)
    newest = sets[-1].message
    bare = uncovered(newest, names) | uncovered(newest, wire.names())
    seen = _recorded(sets, trusted)
    return Chain(
        result,
        tuple(
            replace(one, result=result, uncovered=bare, whole_body=covers_body(newest))
            for one in seen
        ),
    )


def _sets(values: Mapping[str, list[bytes]]) -> list[ArcSet]:
    """Return the sets from the oldest on; empty unless 1, 2, ... are each there exactly once."""
    seals, messages, results = (_by_instance(values[n]) for n in (SEAL, MESSAGE_SIGNATURE, RESULTS))
    count = len(values[SEAL])
    expected = list(range(1, count + 1))
    if count > MAX_SETS or any(sorted(found) != expected for found in (seals, messages, results)):
        return []
    if any(len(values[name]) != count for name in (MESSAGE_SIGNATURE, RESULTS)):
        return []
    return [
        ArcSet(
            i,
            parse_tags(seals[i]),
            parse_tags(messages[i]),
            _INSTANCE.sub(b"", results[i], count=1),
        )
        for i in expected
    ]


def _by_instance(values: Iterable[bytes]) -> dict[int, bytes]:
    """Return the values by their ``i=``; one without is left out and so breaks the chain."""
    out = {}
    for raw in values:
        leading = _INSTANCE.match(raw)
        written = leading[1].decode() if leading else parse_tags(raw).get("i", "")
        if written.isascii() and written.isdigit() and len(written) <= 2:
            out[int(written)] = raw
    return out


def _structure_fails(values: Mapping[str, list[bytes]], sets: Sequence[ArcSet], now: float) -> bool:
    """Check what needs no key: tags, algorithms, times, and what each sealer thought."""
    wanted = ((SEAL, _SEAL_TAGS), (MESSAGE_SIGNATURE, _MESSAGE_TAGS))
    for name, required in wanted:
        for raw in values[name]:
            tags = parse_tags(raw)
            if field_problem(raw, tags, required) or time_problem(tags, now):
                return True
    states = [one.seal.get("cv", "").lower() for one in sets]
    return states[0] != "none" or any(state != "pass" for state in states[1:])


def _keys(sets: Iterable[ArcSet], answers: Answers) -> dict[str, tuple[Result, bytes]]:
    """Return what is known of every key by its name."""
    out = {}
    for tags in (tags for one in sets for tags in (one.seal, one.message)):
        name = key_name(tags)
        key = usable_key(answers.get(name, "TXT"), tags["a"])
        out[name] = (key.result, key.record)
    return out


def _result(wire: Wire, sets: Sequence[ArcSet], keys: Mapping[str, tuple[Result, bytes]]) -> Result:
    """
    Return ``temperror`` only where every part that does not verify lacks a key for now.

    A forger may put in a set whose key his own name server withholds: the seal that he made
    up in the name of somebody else is broken all the same.
    """

    def record(name: bytes, **_: float) -> bytes:
        return keys.get(name.decode("latin-1").rstrip(".").lower(), (Result.NONE, b""))[1]

    state, valid = _library(wire, record)
    if state == b"pass":
        return Result.PASS
    if len(valid) != len(sets):
        return Result.FAIL
    parts = [
        (valid[0]["ams-valid"], sets[-1].message),
        *((one["as-valid"], kept.seal) for one, kept in zip(valid, reversed(sets), strict=True)),
    ]
    broken = [keys[key_name(tags)][0] for holds, tags in parts if not holds]
    waiting = bool(broken) and all(result is Result.TEMPERROR for result in broken)
    return Result.TEMPERROR if waiting else Result.FAIL


def _library(wire: Wire, record: "dkim.DnsFunction") -> tuple[bytes, Sequence[Mapping[str, Any]]]:
    """Return the state of the chain, and what holds of each set it read, the newest first."""
    try:
        state, valid, _ = wire.chain_verifier().verify(dnsfunc=record)
    except LIBRARY_ERRORS:
        return b"fail", ()
    return state or b"fail", valid


def _recorded(sets: Sequence[ArcSet], trusted: frozenset[str]) -> Iterator[DkimResult]:
    """Yield the DKIM passes in the results of sealers from whom on all are trusted."""
    for one in reversed(sets):
        if tag_domain(one.seal) not in trusted:
            return
        said = from_method_results(parse_results(one.results).results)
        yield from (r for r in said.dkim if r.result is Result.PASS)
