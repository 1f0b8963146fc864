"""Resolver against a real name server: what it says, and every way it can fail."""

import threading
import time
from collections.abc import Iterator

import pytest

from phish_milter.dns.questions import Answer, Answers, Kind, Question, Status, dns_name
from phish_milter.dns.resolver import Resolver
from support.dns import FAULTS as KINDS_OF_FAULT
from support.dns import NameServer, free_port, serving

LONG = "x" * 3000
ZONE = {
    "key.example": {"TXT": ["v=DKIM1; p=abc"]},
    "long.example": {"TXT": [LONG]},
    "two.example": {"TXT": ["b", "a"]},
    "mail.example": {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"], "MX": ["10 Mx.mail.example."]},
    "null.example": {"MX": ["0 ."]},
    "alias.example": {"CNAME": ["key.example."]},
    "loop.example": {"CNAME": ["loop.example."]},
    "xn--bcher-kva.example": {"A": ["192.0.2.2"]},
    "deep.empty.example": {"A": ["192.0.2.3"]},
    **{f"{name}.fault": {"TXT": [name]} for name in ("slow", "truncated", "spoofed", "no-edns")},
    "truncated-everywhere.fault": {"TXT": ["t"]},
    **{f"n{i}.example": {"TXT": [str(i)]} for i in range(40)},
}
FAULTS = {f"{name}.fault": name for name in KINDS_OF_FAULT}


@pytest.fixture
def server() -> Iterator[NameServer]:
    with serving(NameServer(ZONE, dict(FAULTS))) as names:
        yield names


@pytest.fixture
def lookups(server: NameServer) -> Iterator[Resolver]:
    asker = Resolver(["127.0.0.1"], server.port, timeout_seconds=1.0)
    yield asker
    asker.close()


def txt(name: str, kind: Kind = Kind.DKIM) -> Question:
    return Question(dns_name(name), "TXT", kind)


def one(lookups: Resolver, name: str, type_: str = "TXT") -> Answer:
    return lookups.ask([Question(dns_name(name), type_)]).get(name, type_)


ANSWERS = [
    # a row: name, type, status, values, the reason
    ("key.example", "TXT", "found", ("v=DKIM1; p=abc",), "plain"),
    ("KEY.Example.", "TXT", "found", ("v=DKIM1; p=abc",), "case and final dot"),
    ("two.example", "TXT", "found", ("a", "b"), "sorted, whatever the server's order"),
    ("long.example", "TXT", "found", (LONG,), "too long for UDP: TCP; strings joined"),
    ("mail.example", "A", "found", ("192.0.2.1",), "IPv4"),
    ("mail.example", "AAAA", "found", ("2001:db8::1",), "IPv6"),
    ("mail.example", "MX", "found", ("10 mx.mail.example",), "MX"),
    ("null.example", "MX", "found", ("0 .",), "null MX"),
    ("alias.example", "TXT", "found", ("v=DKIM1; p=abc",), "CNAME followed"),
    ("bücher.example", "A", "found", ("192.0.2.2",), "IDNA"),
    ("nowhere.example", "TXT", "nxdomain", (), "no such name"),
    ("mail.example", "TXT", "nodata", (), "no such type"),
    ("empty.example", "A", "nodata", (), "empty non-terminal"),
    ("a..example", "TXT", "nxdomain", (), "malformed: empty label"),
    ("x" * 64 + ".example", "TXT", "nxdomain", (), "malformed: label too long"),
    ("a.b" * 90, "TXT", "nxdomain", (), "malformed: name too long"),
    ("", "TXT", "nxdomain", (), "malformed: nothing"),
    ("slow.fault", "TXT", "found", ("slow",), "slow, within the budget"),
    ("truncated.fault", "TXT", "found", ("truncated",), "TC bit, then TCP"),
    ("spoofed.fault", "TXT", "found", ("spoofed",), "an answer with a wrong id is not heard"),
    ("no-edns.fault", "TXT", "found", ("no-edns",), "a server that knows no EDNS"),
]


@pytest.mark.parametrize(
    ("question", "expected"),
    [((name, type_), (status, values)) for name, type_, status, values, _ in ANSWERS],
    ids=[row[-1] for row in ANSWERS],
)
def test_answers(
    lookups: Resolver, question: tuple[str, str], expected: tuple[str, tuple[str, ...]]
) -> None:
    answer = one(lookups, *question)
    assert (answer.status.value, answer.values) == expected


UNKNOWN = [
    # a row: name, how its reason begins
    ("silent.fault", "timeout"),
    ("servfail.fault", "servfail"),
    ("refused.fault", "refused"),
    ("lame.fault", "lame"),
    ("loop.example", "malformed"),
    ("truncated-everywhere.fault", ""),
]


@pytest.mark.parametrize(("name", "reason"), UNKNOWN)
def test_trouble_is_unknown_and_never_raises(lookups: Resolver, name: str, reason: str) -> None:
    answer = one(lookups, name)
    assert answer.status is Status.UNKNOWN
    assert answer.reason.startswith(reason)
    assert answer.reason


def test_garbage_is_not_heard(lookups: Resolver) -> None:
    assert one(lookups, "garbage.fault").unknown


def test_a_dead_port_is_unknown() -> None:
    asker = Resolver(["127.0.0.1"], free_port(), timeout_seconds=0.5)
    assert one(asker, "key.example").unknown
    asker.close()


def test_the_next_nameserver_is_asked(server: NameServer) -> None:
    asker = Resolver(["127.0.0.2", "127.0.0.1"], server.port, timeout_seconds=2.0)
    assert one(asker, "key.example").status is Status.FOUND
    asker.close()


def test_everything_is_asked_in_parallel_within_one_budget(server: NameServer) -> None:
    budget = 3.0  # plenty for forty answers on a busy machine; the silent one takes all of it
    lookups = Resolver(["127.0.0.1"], server.port, timeout_seconds=4 * budget)
    start = time.monotonic()
    found = lookups.ask([txt(f"n{i}.example") for i in range(40)] + [txt("silent.fault")], budget)
    assert time.monotonic() - start < 2 * budget
    lookups.close()
    assert found.get("silent.fault", "TXT") == Answer(Status.UNKNOWN, reason="budget")
    assert [found.get(f"n{i}.example", "TXT").values for i in range(40)] == [
        (str(i),) for i in range(40)
    ]


def test_a_session_has_one_budget_and_remembers(lookups: Resolver, server: NameServer) -> None:
    session = lookups.session()
    session.ask([txt("key.example")])
    session.ask([txt("key.example"), txt("silent.fault")])
    assert session.seconds < 0.5
    late = session.ask([txt("slow.fault")]).get("slow.fault", "TXT")
    assert late.reason == "budget"
    assert server.asked.count("key.example TXT") == 1


def test_answers_not_asked_for_are_unknown() -> None:
    assert Answers().get("a.example", "TXT").unknown
    assert Answers().get("a..example", "TXT").status is Status.NXDOMAIN


def test_answers_are_remembered(lookups: Resolver, server: NameServer) -> None:
    for name in ("key.example", "nowhere.example", "key.example", "nowhere.example"):
        one(lookups, name)
    assert server.asked.count("key.example TXT") == 1
    assert server.asked.count("nowhere.example TXT") == 1
    lookups.reconfigure(["127.0.0.1"], server.port, 1.0)
    one(lookups, "key.example")
    assert server.asked.count("key.example TXT") == 1, "the cache survives a reload"


def test_answers_without_a_lifetime_are_not_remembered(server: NameServer) -> None:
    server.ttl = 0
    asker = Resolver(["127.0.0.1"], server.port, timeout_seconds=1.0)
    one(asker, "key.example")
    one(asker, "key.example")
    assert server.asked.count("key.example TXT") == 2
    asker.close()


def test_the_same_question_in_flight_is_asked_once(lookups: Resolver, server: NameServer) -> None:
    threads = [threading.Thread(target=one, args=(lookups, "slow.fault")) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.asked.count("slow.fault TXT") <= 2, "one lookup, which asks twice while it waits"


def test_observers_are_told(server: NameServer) -> None:
    seen: list[tuple[str, str]] = []
    asker = Resolver(
        ["127.0.0.1"], server.port, 1.0, lambda kind, result, _: seen.append((kind, result))
    )
    asker.ask([txt("key.example", Kind.SPF), txt("nowhere.example", Kind.DMARC)])
    asker.ask([txt("key.example")])
    asker.ask([txt("silent.fault", Kind.ARC)], 0.1)
    asker.close()
    assert sorted(seen) == [
        ("arc", "budget"),
        ("dkim", "cached"),
        ("dmarc", "none"),
        ("spf", "answer"),
    ]


def wait_for(condition: object, seconds: float = 10.0) -> bool:
    assert callable(condition)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


def test_a_dead_dns_costs_nothing_after_a_while_and_recovers_by_itself() -> None:
    names = NameServer(ZONE, {"": "silent"})
    with serving(names):
        asker = Resolver(["127.0.0.1"], names.port, timeout_seconds=0.5)
        asker.ask([txt(f"n{i}.example") for i in range(10)])
        assert wait_for(lambda: asker.breaker_open)
        assert one(asker, "n11.example").reason == "breaker"
        names.faults.clear()
        assert wait_for(lambda: not asker.breaker_open), "a probe finds out"
        assert one(asker, "n11.example").values == ("11",)
        asker.close()


def test_a_stopped_server_is_found_again_at_its_port() -> None:
    names = NameServer(ZONE)
    with serving(names):
        asker = Resolver(["127.0.0.1"], names.port, timeout_seconds=0.5)
        assert one(asker, "key.example").status is Status.FOUND
    asker.ask([txt(f"n{i}.example") for i in range(5)])
    assert wait_for(lambda: asker.breaker_open)
    assert one(asker, "key.example").status is Status.FOUND, "what is known stays known"
    with serving(names):
        assert wait_for(lambda: not asker.breaker_open)
        assert one(asker, "n20.example").values == ("20",)
    asker.close()


def test_a_flood_of_questions_is_answered(lookups: Resolver) -> None:
    threads = [
        threading.Thread(target=lookups.ask, args=([txt(f"f{t}-{i}.example") for i in range(50)],))
        for t in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not lookups.breaker_open
    assert lookups.cache_entries > 0


def test_one_dead_domain_does_not_take_dns_away(lookups: Resolver) -> None:
    lookups.ask([txt(f"a{i}.silent.fault") for i in range(20)], 0.7)
    assert not lookups.breaker_open
    assert one(lookups, "key.example").status is Status.FOUND
