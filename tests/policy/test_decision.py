"""The verdict rules, as a table and as properties."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.findings import Finding, Proof, Role, Symbol
from phish_milter.policy.decision import (
    Action,
    BrandVerdictWord,
    Circumstances,
    Policy,
    RoleRecipients,
    decide,
    failure_verdict,
)

REJECTING = Policy(ceiling=Action.REJECT)


def symbol(
    name: str,
    role: Role,
    score: float,
    *,
    survives: bool = False,
    enforced: bool = False,
    conveyed: bool = False,
) -> Symbol:
    return Symbol(name, role, name, score, name.lower(), survives, enforced, conveyed)


CLAIM = symbol("CLAIM", Role.CLAIM, 2.0)
CONTRA = symbol("CONTRA", Role.CONTRADICTION, 7.0)
OTHER_CONTRA = symbol("OTHER_CONTRA", Role.CONTRADICTION, 7.0)
LURE = symbol("LURE", Role.LURE, 1.5)
ALIBI = symbol("ALIBI", Role.ALIBI, 0.0)
UNCOVERED = symbol("UNCOVERED", Role.LURE, 4.0, survives=True)
SUSPICION = symbol("SUSPICION", Role.SUSPICION, 4.0)
HEAVY = symbol("HEAVY", Role.SUSPICION, 20.0)
LISTED = symbol("LISTED", Role.SUSPICION, 20.0, enforced=True)
CONVEYED = symbol("CONVEYED", Role.SUSPICION, 0.0, conveyed=True)
ALL = (CLAIM, CONTRA, OTHER_CONTRA, LURE, ALIBI, UNCOVERED, SUSPICION, HEAVY, LISTED)


def found(*symbols: Symbol, brand: str = "b") -> list[Finding]:
    return [Finding(s, s.name, None if s.role is Role.SUSPICION else brand) for s in symbols]


@pytest.mark.parametrize(
    ("symbols", "action", "word", "score"),
    [
        ((), Action.ACCEPT, None, 0.0),  # nothing found
        ((CONTRA, LURE), Action.ACCEPT, None, 0.0),  # no claim: nobody is impersonated
        ((CLAIM,), Action.ACCEPT, "unverifiable", 2.0),  # nobody tried to verify
        ((CLAIM, LURE, ALIBI), Action.ACCEPT, "genuine", 0.0),  # the alibi excuses the lure
        ((CLAIM, CONTRA, ALIBI), Action.ACCEPT, "genuine", 0.0),  # and the contradiction
        ((CLAIM, UNCOVERED, ALIBI), Action.TAG, "genuine", 4.0),  # not what it does not cover
        ((CLAIM, LISTED, ALIBI), Action.QUARANTINE, "genuine", 20.0),  # nor a listed host
        ((CLAIM, CONTRA), Action.QUARANTINE, "impersonation", 9.0),
        ((CLAIM, CONTRA, CONTRA), Action.QUARANTINE, "impersonation", 9.0),  # counts once
        ((CLAIM, CONTRA, OTHER_CONTRA), Action.REJECT, "impersonation", 16.0),
        ((CLAIM, CONTRA, OTHER_CONTRA, CONVEYED), Action.QUARANTINE, "impersonation", 16.0),
        ((CLAIM, CONTRA, HEAVY), Action.QUARANTINE, "impersonation", 29.0),  # one contradiction
        ((HEAVY,), Action.TAG, None, 20.0),  # suspicion alone
        ((LISTED,), Action.QUARANTINE, None, 20.0),  # an enforced feed
        ((CLAIM, SUSPICION), Action.TAG, "unverifiable", 6.0),  # a claim is no shelter
    ],
)
def test_verdict_rules(
    symbols: Sequence[Symbol], action: Action, word: str | None, score: float
) -> None:
    verdict = decide(found(*symbols), Circumstances(), REJECTING)

    assert verdict.action == verdict.uncapped_action == action
    assert [b.verdict for b in verdict.brands] == ([word] if word else [])
    assert verdict.score == score


@pytest.mark.parametrize(
    ("proof", "chosen", "action"),
    [
        (Proof.SKIPPED, Action.QUARANTINE, Action.ACCEPT),  # verification was off
        (Proof.FAILED, Action.TAG, Action.TAG),
        (Proof.MISSING, Action.QUARANTINE, Action.QUARANTINE),
        (Proof.UNKNOWN, Action.ACCEPT, Action.ACCEPT),
        (Proof.UNKNOWN, Action.DEFER, Action.DEFER),  # asking again later can help
        (Proof.FAILED, Action.DEFER, Action.TAG),  # it cannot
    ],
)
def test_unverifiable_gets_what_the_operator_chose(
    proof: Proof, chosen: Action, action: Action
) -> None:
    policy = Policy(ceiling=Action.REJECT, on_unverifiable=chosen)

    assert decide(found(CLAIM), Circumstances({"b": proof}), policy).action is action


@pytest.mark.parametrize(
    ("recipients", "action"),
    [
        (RoleRecipients.NONE, Action.REJECT),
        (RoleRecipients.SOME, Action.QUARANTINE),  # so that no report is lost
        (RoleRecipients.ALL, Action.ACCEPT),
    ],
)
def test_role_recipients(recipients: RoleRecipients, action: Action) -> None:
    verdict = decide(
        found(CLAIM, CONTRA, OTHER_CONTRA), Circumstances(recipients=recipients), REJECTING
    )

    assert verdict.action is action
    assert verdict.brands[0].verdict is BrandVerdictWord.IMPERSONATION


def test_the_ceiling_caps_the_action_and_leaves_the_rest() -> None:
    verdict = decide(found(CLAIM, CONTRA, OTHER_CONTRA), Circumstances(), Policy())

    assert (verdict.action, verdict.uncapped_action) == (Action.TAG, Action.REJECT)
    assert verdict.score == 16.0


def test_scores_are_overridden_by_symbol_name() -> None:
    policy = Policy(ceiling=Action.REJECT, scores={"CONTRA": 1.0})

    assert decide(found(CLAIM, CONTRA), Circumstances(), policy).score == 3.0


def test_the_largest_brand_score_counts() -> None:
    both = [*found(CLAIM, CONTRA, brand="a"), *found(CLAIM, LURE, brand="b")]

    assert decide(both, Circumstances(), REJECTING).score == 9.0


def test_two_contradictions_of_different_brands_do_not_add_up_to_reject() -> None:
    both = [*found(CLAIM, CONTRA, brand="a"), *found(CLAIM, OTHER_CONTRA, brand="b")]

    policy = Policy(reject=5.0, quarantine=4.5, ceiling=Action.REJECT)
    assert decide(both, Circumstances(), policy).action is Action.QUARANTINE


@pytest.mark.parametrize("chosen", [Action.ACCEPT, Action.TAG, Action.DEFER])
def test_our_own_failure(chosen: Action) -> None:
    assert failure_verdict(Policy(on_failure=chosen)).action is chosen


def test_action_words() -> None:
    assert [str(Action.parse(word)) for word in ("accept", "defer")] == ["accept", "defer"]
    with pytest.raises(ValueError, match="unknown action 'drop'"):
        Action.parse("drop")


some_findings = st.lists(
    st.builds(
        lambda s, b: Finding(s, s.name, None if s.role is Role.SUSPICION else b),
        st.sampled_from(ALL),
        st.sampled_from(["a", "b"]),
    ),
    max_size=8,
)
some_cases = st.builds(
    Circumstances,
    st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(list(Proof))),
    st.sampled_from(list(RoleRecipients)),
)
some_policies = st.builds(
    Policy,
    ceiling=st.sampled_from(list(Action)),
    on_unverifiable=st.sampled_from([Action.ACCEPT, Action.TAG, Action.DEFER, Action.QUARANTINE]),
)


@given(some_findings, some_cases, some_policies, st.sampled_from(["a", "b"]))
def test_an_alibi_never_raises_the_action(
    findings: list[Finding], circumstances: Circumstances, policy: Policy, brand: str
) -> None:
    excused = [*findings, *found(ALIBI, brand=brand)]

    assert (
        decide(excused, circumstances, policy).action
        <= decide(findings, circumstances, policy).action
    )


@given(some_findings, some_cases, some_policies, st.randoms())
def test_the_order_of_findings_never_matters(
    findings: list[Finding], circumstances: Circumstances, policy: Policy, random: object
) -> None:
    shuffled = list(findings)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = decide(findings, circumstances, policy), decide(shuffled, circumstances, policy)

    assert (one.action, one.score, one.brands) == (other.action, other.score, other.brands)


@given(some_findings, some_cases, some_policies)
def test_the_action_stays_within_ceiling_and_caps(
    findings: list[Finding], circumstances: Circumstances, policy: Policy
) -> None:
    verdict = decide(findings, circumstances, policy)
    impersonated = any(b.verdict is BrandVerdictWord.IMPERSONATION for b in verdict.brands)

    assert verdict.action <= policy.ceiling
    assert verdict.action <= verdict.uncapped_action
    assert verdict.uncapped_action is not Action.REJECT or impersonated


@given(some_findings, some_cases)
def test_a_claim_never_shelters_from_suspicions(
    findings: list[Finding], circumstances: Circumstances
) -> None:
    suspicions = [f for f in findings if f.brand is None]

    with_claim = decide([*findings, *found(CLAIM)], circumstances, REJECTING)
    assert decide(suspicions, circumstances, REJECTING).action <= with_claim.action
