"""ARC: when a chain passes, and whose word about DKIM it carries."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.authentication.arc import MAX_SETS, verify_chain
from phish_milter.authentication.canonical import Wire
from phish_milter.dns.questions import Answer, Answers, Status
from support.signing import NOW, SIGNED, mail, record, seal, sign

LIST, GATE, STRANGER = "list.example", "gate.example", "stranger.example"
TRUSTED = frozenset({LIST, GATE})
SAW = "mx.example; dkim=pass header.d=pypi.org; spf=fail"
SAW_NOT = "mx.example; dkim=fail header.d=pypi.org"
SEALERS = (LIST, GATE, STRANGER)


def keys(**changed: Answer) -> Answers:
    good = Answer(Status.FOUND, (record(),))
    table = {
        (f"arc._domainkey.{d}", "TXT"): changed.get(d.partition(".")[0], good) for d in SEALERS
    }
    return Answers(table)


ORIGINAL = sign(mail())
BANNER = ORIGINAL.replace(b"Hello,", b"[EXTERNAL] Hello,")
ONE = seal(BANNER, GATE, SAW)
TWO = seal(ONE, LIST, "list.example; dkim=fail header.d=pypi.org; arc=pass")

CHAINS = [
    # a row: mail, state, domains of the passes that count, the reason
    (ORIGINAL, "none", [], "not sealed"),
    (ONE, "pass", ["pypi.org"], "a trusted gateway saw the pass, then added a banner"),
    (TWO, "pass", ["pypi.org"], "and a trusted list forwarded it"),
    (seal(BANNER, GATE, SAW_NOT), "pass", [], "a seal proves nothing by itself"),
    (seal(BANNER, STRANGER, SAW), "pass", [], "an unknown sealer may say what it likes"),
    (seal(ONE, STRANGER, SAW), "pass", [], "the newest sealer is unknown"),
    (
        seal(seal(ONE, STRANGER, SAW_NOT), LIST, SAW_NOT),
        "pass",
        [],
        "an unknown sealer in the middle might have changed everything",
    ),
    (
        seal(seal(BANNER, STRANGER, SAW), LIST, SAW_NOT),
        "pass",
        [],
        "laundered: a stranger claims a pass, a trusted list seals on",
    ),
    (
        seal(seal(BANNER, STRANGER, SAW_NOT), GATE, SAW),
        "pass",
        ["pypi.org"],
        "what was before the trusted sealer does not matter",
    ),
    (ONE.replace(b"read this", b"read that"), "fail", [], "body changed after the newest seal"),
    (ONE.replace(b"A\r\n notice", b"Another"), "fail", [], "subject changed after the newest seal"),
    (TWO.replace(b"dkim=pass", b"dkim=none"), "fail", [], "recorded results changed"),
    (seal(ONE, LIST, SAW, cv="fail"), "fail", [], "a sealer found the chain broken"),
    (seal(BANNER, GATE, SAW, cv="pass"), "fail", [], "the first seal cannot continue a chain"),
    (seal(ONE, LIST, SAW, cv="none"), "fail", [], "the second seal cannot begin one"),
    (
        re.sub(rb"ARC-Seal:.*?\r\n(?! )", b"", TWO, count=1, flags=re.DOTALL),
        "fail",
        [],
        "no newest seal",
    ),
    (ONE.replace(b"i=1", b"i=2"), "fail", [], "the chain does not begin with 1"),
    (b"ARC-Seal: i=1; cv=none\r\n" + ONE, "fail", [], "an instance twice"),
    (b"ARC-Seal: junk\r\n" + BANNER, "fail", [], "junk"),
    (b"ARC-Authentication-Results: i=1; " + SAW.encode() + b"\r\n" + BANNER, "fail", [], "no seal"),
    (seal(BANNER, GATE, "mx; dkim=pass (dkim=pass header.d=pypi.org)"), "pass", [""], "a comment"),
]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [(raw, (state, domains)) for raw, state, domains, _ in CHAINS],
    ids=[row[-1] for row in CHAINS],
)
def test_chains(raw: bytes, expected: tuple[str, list[str]]) -> None:
    wire = Wire.of(raw)
    chain = verify_chain(wire, wire.names(), keys(), TRUSTED, NOW)
    assert (chain.result.value, [r.domain for r in chain.dkim]) == expected
    assert all(r.result == chain.result and not r.uncovered for r in chain.dkim)


KEYS = [
    # a row: answer about the gateway's key, state, the reason
    (Answer(Status.NXDOMAIN), "fail", "no key"),
    (Answer(Status.FOUND, ("v=DKIM1; p=",)), "fail", "revoked"),
    (Answer(Status.FOUND, (record("rsa768"),)), "fail", "small"),
    (Answer(Status.FOUND, (record("rsa1024"),)), "fail", "another key"),
    (Answer(Status.UNKNOWN, reason="timeout"), "temperror", "nobody can tell now"),
]


@pytest.mark.parametrize(("answer", "state", "why"), KEYS, ids=[row[-1] for row in KEYS])
def test_keys_of_sealers(answer: Answer, state: str, why: str) -> None:
    wire = Wire.of(TWO)
    chain = verify_chain(wire, wire.names(), keys(gate=answer), TRUSTED, NOW)
    assert chain.result.value == state, why
    assert [r.result.value for r in chain.dkim] == (["temperror"] if state == "temperror" else [])


UNKNOWN = Answer(Status.UNKNOWN, reason="timeout")
OTHER_KEY = Answer(Status.FOUND, (record("rsa1024"),))
MADE_UP = seal(seal(BANNER, STRANGER, SAW_NOT), GATE, SAW)  # where GATE has another key
WITHHELD = [
    # a row: mail, the stranger's key, the gateway's key, state, the reason
    (MADE_UP, UNKNOWN, OTHER_KEY, "fail", "a made-up seal above a key that its forger withholds"),
    (MADE_UP, UNKNOWN, Answer(Status.NXDOMAIN), "fail", "made up with a selector nobody has"),
    (MADE_UP, UNKNOWN, None, "temperror", "the gateway's seal holds, the older one is not known"),
    (MADE_UP, UNKNOWN, UNKNOWN, "temperror", "nobody can tell now"),
    (MADE_UP.replace(b"Hello", b"Hullo"), UNKNOWN, None, "fail", "changed after the known seal"),
]


@pytest.mark.parametrize(
    ("raw", "stranger", "gate", "state", "why"), WITHHELD, ids=[row[-1] for row in WITHHELD]
)
def test_a_withheld_key_hides_no_forgery(
    raw: bytes, stranger: Answer, gate: Answer | None, state: str, why: str
) -> None:
    wire = Wire.of(raw)
    answers = keys(stranger=stranger, **({} if gate is None else {"gate": gate}))
    assert verify_chain(wire, wire.names(), answers, TRUSTED, NOW).result.value == state, why


def test_a_seal_that_leaves_the_subject_free_covers_no_header() -> None:
    wire = Wire.of(seal(BANNER, GATE, SAW, h=SIGNED[1:]))
    [found] = verify_chain(wire, wire.names(), keys(), TRUSTED, NOW).dkim
    assert found.uncovered == {"subject"}


def test_long_chains_are_not_verified() -> None:
    raw = ORIGINAL
    for _ in range(MAX_SETS + 1):
        raw = seal(raw, GATE, SAW)
    wire = Wire.of(raw)
    assert verify_chain(wire, wire.names(), keys(), TRUSTED, NOW).result.value == "fail"


@given(st.binary(max_size=200), st.sampled_from(["ARC-Seal", "ARC-Message-Signature"]))
def test_no_chain_raises(junk: bytes, name: str) -> None:
    for raw in (name.encode() + b": i=2; " + junk + b"\r\n" + ONE, ONE + junk, junk + ONE):
        wire = Wire.of(raw)
        verify_chain(wire, wire.names(), keys(), TRUSTED, NOW)
