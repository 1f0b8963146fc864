import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from phish_milter.authentication.verify import Evidence, Rules
from phish_milter.daemon.handler import Handler, shielded
from phish_milter.daemon.response import InsertHeader
from phish_milter.daemon.transaction import MAX_HEADER_BYTES, Transaction
from phish_milter.dns.resolver import Resolver
from phish_milter.policy.decision import Action
from phish_milter.policy.outcome import Outcome
from phish_milter.scanning.origin_lookups import OriginLookups
from phish_milter.scanning.pool import PoolLimits, ScannerPool
from phish_milter.scanning.runtime import ActiveRuntime, Runtime
from phish_milter.settings.model import PolicySettings, ScannerSettings, Settings, SiteSettings
from support.scanners import OrderedScanner

SETTINGS = Settings(
    policy=PolicySettings(ceiling="reject", on_failure="defer"),
    scanner=ScannerSettings(deadline_seconds=0.7),
    site=SiteSettings(domains=("example.net",), role_addresses=("abuse@",)),
)


@pytest.fixture(scope="module")
def live() -> Iterator[ActiveRuntime]:
    pool = ScannerPool(OrderedScanner, ("pypi",), PoolLimits(1, 400 * 1024 * 1024, 4))
    pool.start()
    yield ActiveRuntime(
        Runtime(SETTINGS, pool, OriginLookups(Resolver(["127.0.0.1"]), Rules("never")), 1)
    )
    pool.stop()


def message(order: str, recipient: bytes = b"<b@example.net>") -> Transaction:
    one = Transaction("192.0.2.1", "mail.example.org", b"<a@example.org>", 100_000)
    one.add_recipient(recipient)
    one.add_field("X-Order", b" " + order.encode())
    return one


@pytest.mark.parametrize(
    ("order", "recipient", "action", "failure"),
    [
        ("", b"<b@example.net>", Action.ACCEPT, ""),
        ("hold", b"<b@example.net>", Action.QUARANTINE, ""),
        ("reject", b"<b@example.net>", Action.REJECT, ""),
        ("reject", b"<Abuse+x@example.net>", Action.ACCEPT, ""),  # a report
        ("sleep", b"<b@example.net>", Action.DEFER, "deadline"),
        ("die", b"<b@example.net>", Action.DEFER, "crash"),
        ("raise", b"<b@example.net>", Action.DEFER, "scanner"),
        ("raise", b"<abuse@example.net>", Action.ACCEPT, "scanner"),  # a report, come what may
    ],
)
def test_answers(
    live: ActiveRuntime, order: str, recipient: bytes, action: Action, failure: str
) -> None:
    response = Handler(live).answer(message(order, recipient), "4XyZ")

    assert response.outcome.verdict.action is action
    assert (response.outcome.failure or "") == failure
    assert (response.outcome.scan is None) == bool(failure)
    assert bool(response.hold) == (action is Action.QUARANTINE)
    assert (response.reply is not None) == (action in (Action.DEFER, Action.REJECT))
    assert bool(response.edits) == (response.reply is None)


def test_a_message_that_lost_a_part_is_not_judged(live: ActiveRuntime) -> None:
    broken = message("reject")
    broken.failed = True
    response = Handler(live).answer(broken, "4XyZ")

    assert response.outcome.failure == "gateway"
    assert response.outcome.verdict.action is Action.DEFER


def test_a_shortened_header_is_told(live: ActiveRuntime) -> None:
    long = message("")
    long.add_field("X", b"x" * (MAX_HEADER_BYTES + 1))
    scan = Handler(live).answer(long, "4XyZ").outcome.scan

    assert scan is not None
    assert "truncated" in scan.defects


def test_slow_dns_costs_the_proof_and_not_the_scan(live: ActiveRuntime) -> None:
    waiting = message("hold")
    waiting.inquiry = Future()  # whose answer never comes
    outcome = Handler(live).answer(waiting, "4XyZ").outcome

    assert outcome.failure is None
    assert outcome.verdict.action is Action.QUARANTINE
    assert waiting.inquiry.cancelled()


def test_questions_are_bounded_and_taken_back(live: ActiveRuntime) -> None:
    origin_lookups = OriginLookups(Resolver(["127.0.0.1"]), Rules("always", everything=True))
    asking = ActiveRuntime(Runtime(SETTINGS, live.current.pool, origin_lookups, 1))
    done = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        threads.submit(done.wait)  # the only thread waits for DNS
        handler = Handler(asking, threads=threads, places=threading.Semaphore(1))
        first, second, third = message(""), message(""), message("")

        first.inquiry = handler.inquire(first)
        assert first.inquiry is not None
        assert not first.inquiry.done()
        second.inquiry = handler.inquire(second)
        assert second.inquiry is not None
        assert second.inquiry.result(0) == Evidence()  # there is no place

        first.forget()
        assert first.inquiry.cancelled()
        third.inquiry = handler.inquire(third)
        assert third.inquiry is not None
        assert not third.inquiry.done()  # it has the place of the first one
        third.forget()
        done.set()


def test_a_fault_before_any_message_has_an_answer(live: ActiveRuntime) -> None:
    assert Handler(live).fault(None, "").outcome.verdict.action is Action.DEFER


def test_a_faulty_observer_harms_nobody(live: ActiveRuntime) -> None:
    told: list[Outcome] = []
    failed: list[str] = []

    def faulty(_: Outcome) -> None:
        raise ZeroDivisionError

    handler = Handler(live, observers=(faulty, told.append), failed=failed.append)
    response = handler.answer(message("tag"), "4XyZ")
    handler.observe(response.outcome)

    assert told == [response.outcome]
    assert failed == ["observer"]


def test_the_time_is_told_and_the_leases_end(live: ActiveRuntime) -> None:
    started = time.monotonic()
    outcome = Handler(live).answer(message("nap"), "4XyZ").outcome

    assert 0 < outcome.seconds <= time.monotonic() - started
    assert live.wait_unused(live.current, 0)


def test_our_fields_go_on_top_the_verdict_last(live: ActiveRuntime) -> None:
    edits = Handler(live).answer(message("tag"), "4XyZ").edits

    names = [edit.name for edit in edits if isinstance(edit, InsertHeader)]
    assert names == ["X-Phish-Milter-Findings", "X-Phish-Milter-Verdict"]


def test_shielded() -> None:
    assert shielded(lambda: 1, lambda _: 2) == 1
    assert shielded(lambda: 1 // 0, lambda fault: fault).__class__ is ZeroDivisionError
