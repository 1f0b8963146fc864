"""What lookups remember, for how long and how much of it, and when DNS counts as dead."""

import pytest

from phish_milter.dns.cache import SILENCES, Breaker, Cache
from phish_milter.dns.questions import Answer, Kind, Question, Status, dns_name


def txt(name: str, kind: Kind = Kind.DKIM) -> Question:
    return Question(dns_name(name), "TXT", kind)


def test_the_cache_is_bounded_and_keeps_what_is_used() -> None:
    cache = Cache(max_entries=2)
    found = Answer(Status.FOUND, ("x",))
    cache.put(txt("a.example"), found, 60, 0.0)
    cache.put(txt("b.example"), found, 60, 0.0)
    assert cache.get(txt("a.example"), 1.0) == found
    cache.put(txt("c.example"), found, 60, 1.0)
    assert len(cache) == 2
    assert cache.get(txt("b.example"), 2.0) is None
    assert cache.get(txt("a.example"), 61.0) is None


def test_the_cache_is_bounded_in_size_as_well() -> None:
    cache = Cache(max_size=1000)
    for name in ("a.example", "b.example", "c.example"):
        cache.put(txt(name), Answer(Status.FOUND, ("x" * 400,)), 60, 0.0)
        cache.put(txt(name), Answer(Status.FOUND, ("x" * 400,)), 60, 0.0)
    assert [cache.get(txt(f"{c}.example"), 1.0) is not None for c in "abc"] == [False, True, True]
    cache.put(txt("huge.example"), Answer(Status.FOUND, ("x" * 2000,)), 60, 0.0)
    assert len(cache) == 0


LIFETIMES = [
    # a row: answer, TTL, seconds it certainly lives, seconds after which it is gone, the reason
    (Answer(Status.FOUND), 60, 59, 60, "as long as the TTL says"),
    (Answer(Status.FOUND), 10**9, 86_399, 86_400, "a day at most"),
    (Answer(Status.NXDOMAIN), 86_400, 899, 900, "a new key is seen soon"),
    (Answer(Status.UNKNOWN, reason="servfail"), 0, 4, 5, "failures shortly"),
]


@pytest.mark.parametrize(("answer", "ttl", "lives", "gone", "why"), LIFETIMES)
def test_lifetimes(answer: Answer, ttl: float, lives: float, gone: float, why: str) -> None:
    cache = Cache()
    cache.put(txt("a.example"), answer, ttl, 0.0)
    assert cache.get(txt("a.example"), lives) == answer, why
    assert cache.get(txt("a.example"), gone) is None, why


def test_our_own_refusals_are_not_remembered() -> None:
    cache = Cache()
    cache.put(txt("a.example"), Answer(Status.UNKNOWN, reason="breaker"), 60, 0.0)
    assert len(cache) == 0


def test_dns_counts_as_dead_after_silences_in_a_row_and_lives_again_with_an_answer() -> None:
    breaker = Breaker()
    assert [breaker.unanswered() for _ in range(SILENCES)] == [False] * (SILENCES - 1) + [True]
    assert not breaker.open  # a suspicion only: whoever asks makes sure first
    breaker.trip()
    assert breaker.open

    breaker.answered()

    assert not breaker.open
    assert not breaker.unanswered()
