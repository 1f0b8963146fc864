"""What happens to one message between its end and its answer; knows no libmilter."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Semaphore
from typing import TypeVar

import structlog

from phish_milter.authentication.model import Authentication
from phish_milter.authentication.verify import Evidence
from phish_milter.daemon.response import (
    Edit,
    Reply,
    additions,
    hold_reason,
    removals,
    reply,
    results_field,
)
from phish_milter.daemon.transaction import Transaction
from phish_milter.message.defects import TRUNCATED
from phish_milter.message.headline import headline
from phish_milter.message.model import Envelope, HeaderField
from phish_milter.policy.decision import Action, RoleRecipients, Verdict, failure_verdict
from phish_milter.policy.outcome import Outcome, Scan, Stage
from phish_milter.policy.recipients import role_recipients
from phish_milter.scanning import domain_lookups
from phish_milter.scanning.judge import judge
from phish_milter.scanning.origin_lookups import header_fields
from phish_milter.scanning.pool import ScanFailure
from phish_milter.scanning.runtime import ActiveRuntime, Runtime
from phish_milter.scanning.worker import Task
from phish_milter.settings.model import Settings

log = structlog.get_logger()
T = TypeVar("T")

# Stage of every fault that is not the scanner pool's.
# Messages whose questions wait for DNS at once; each holds one of these threads.
INQUIRIES = 64
# Messages whose questions wait for one of these threads.  More only wait in vain: a silent
# resolver holds every thread for a whole budget.
MAX_INQUIRIES_QUEUED = 2 * INQUIRIES
# Longer than the budget by which a message waits for DNS: lookups hand over a little late.
INQUIRY_GRACE_SECONDS = 0.5
# Share of the deadline that is kept for the scan, which has to wait for a worker as well.
SCAN_SHARE = 0.25

Observer = Callable[[Outcome], None]


def shielded(work: Callable[[], T], on_fault: Callable[[Exception], T]) -> T:
    """
    Do *work*; if it fails, return what *on_fault* makes of it.

    The one place of the gateway where any fault of ours is caught.  An exception that
    left a callback would make pymilter refuse the mail.
    """
    try:
        return work()
    except Exception as fault:  # noqa: BLE001 - the isolation point: no fault may harm mail
        return on_fault(fault)


@dataclass(frozen=True, slots=True)
class Response:
    """
    What to do about one message.

    Attributes:
        outcome: What was decided, for the observers.
        edits: Header edits, in order; none for a message that is not taken.
        hold: Reason to hold the message, "" to let it go.
        reply: What to tell the remote side; None to take the message.
    """

    outcome: Outcome
    edits: tuple[Edit, ...] = ()
    hold: str = ""
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Handler:
    """
    Answers messages; all connections share one.

    Attributes:
        live: The configuration at work.
        observers: Told about every answered message, each on its own.
        skipped: Told why a message is not scanned: ``internal``, ``authenticated``.
        in_flight: Entered while a message is judged.
        failed: Told the stage of a fault that no outcome tells of.
        connected: Told about every client that the MTA tells of.
        warning_due: Taken by whoever warns of an old milter protocol, so that it is said once.
        threads: Where questions to DNS wait for their answers.
        places: One for each message whose questions run or wait.
    """

    live: ActiveRuntime
    observers: Sequence[Observer] = ()
    skipped: Callable[[str], None] = lambda _: None
    in_flight: Callable[[], AbstractContextManager[object]] = nullcontext
    failed: Callable[[Stage], None] = lambda _: None
    connected: Callable[[], None] = lambda: None
    warning_due: Semaphore = field(default_factory=Semaphore)
    threads: Executor = field(
        default_factory=lambda: ThreadPoolExecutor(INQUIRIES, thread_name_prefix="inquiry")
    )
    places: Semaphore = field(default_factory=lambda: Semaphore(INQUIRIES + MAX_INQUIRIES_QUEUED))

    def leading_space_is_lost(self) -> None:
        """
        Warn, once, that the MTA hides the space behind the colon of a field.

        Without it the hash over a field that is signed with DKIM's ``simple`` canonicalisation
        is a guess (RFC 6376, 3.4.1).
        """
        if self.warning_due.acquire(blocking=False):
            log.warning(
                "the MTA speaks a milter protocol below 6: DKIM signatures may fail to verify",
                advice="set milter_protocol = 6 in Postfix' main.cf",
            )

    def inquire(self, transaction: Transaction) -> Future[Evidence] | None:
        """
        Begin to ask DNS about a message whose header is complete, if there is a reason to.

        Where too many messages wait already, the answer is at once that nothing is known.
        """
        origin_lookups = self.live.current.origin_lookups
        fields = header_fields(transaction.fields)
        if not origin_lookups.needed(fields):
            return None
        if not self.places.acquire(blocking=False):
            return _nothing_known()
        inquiry = self.threads.submit(origin_lookups.evidence, fields, transaction.envelope)
        inquiry.add_done_callback(lambda _: self.places.release())
        return inquiry

    def answer(self, transaction: Transaction, queue_id: str) -> Response:
        """Scan and judge one message; a fault of the scanners is part of the outcome."""
        started = time.monotonic()
        with self.in_flight(), self.live.lease() as runtime:
            try:
                outcome = _judged(transaction, queue_id, runtime, started)
            except ScanFailure as fault:
                log.warning(
                    "scan failed", queue_id=queue_id, stage=fault.stage, reason=fault.reason
                )
                outcome = _failed(transaction.envelope, queue_id, fault.stage, runtime.settings)
            fields = header_fields(transaction.fields)
            seconds = time.monotonic() - started
            outcome = replace(outcome, headline=headline(fields), seconds=seconds)
            return _response(outcome, fields, runtime.settings)

    def fault(self, transaction: Transaction | None, queue_id: str) -> Response:
        """Answer a message that a fault of the gateway itself befell."""
        settings = self.live.current.settings
        envelope = transaction.envelope if transaction else Envelope()
        fields = header_fields(transaction.fields) if transaction else ()
        return _response(_failed(envelope, queue_id, Stage.GATEWAY, settings), fields, settings)

    def observe(self, outcome: Outcome) -> None:
        """Tell every observer; a faulty one harms neither mail nor the others."""
        for observer in self.observers:
            shielded(partial(observer, outcome), partial(self._observer_failed, outcome))

    def _observer_failed(self, outcome: Outcome, fault: Exception) -> None:
        log.error("observer failed", queue_id=outcome.queue_id, exc_info=fault)
        self.failed(Stage.OBSERVER)


def _judged(transaction: Transaction, queue_id: str, runtime: Runtime, started: float) -> Outcome:
    if transaction.failed:
        raise ScanFailure(Stage.GATEWAY, "a part of the message was lost")
    settings, envelope = runtime.settings, transaction.envelope
    deadline = started + settings.scanner.deadline_seconds
    evidence = _evidence(transaction, queue_id, settings, started)
    scan = runtime.pool.submit(Task(transaction.raw(), envelope, evidence, deadline))
    if transaction.shortened:
        scan = replace(scan, defects=tuple(sorted({*scan.defects, TRUNCATED})))
    scan = _completed(scan, runtime, deadline)
    return Outcome(queue_id, envelope, judge(scan, envelope, settings), scan)


def _completed(scan: Scan, runtime: Runtime, deadline: float) -> Scan:
    """Add what DNS says about the domains found, where the site wants to know."""
    dns = runtime.settings.dns
    if not domain_lookups.wanted(scan, dns):
        return scan
    session = runtime.origin_lookups.lookups.session()
    session.seconds = min(session.seconds, max(0.0, deadline - time.monotonic()))
    return domain_lookups.completed(scan, session, dns)


def _evidence(
    transaction: Transaction, queue_id: str, settings: Settings, started: float
) -> Evidence | None:
    """
    Return what DNS said, waiting for it if need be.

    Slow DNS costs a message its proof, never its scan: after the budget, and before the
    time of the scan begins, everything that was asked counts as unknown.
    """
    inquiry = transaction.inquiry
    if inquiry is None:
        return None
    budget = settings.dns.timeout_seconds + INQUIRY_GRACE_SECONDS
    latest = settings.scanner.deadline_seconds * (1 - SCAN_SHARE)
    try:
        return inquiry.result(max(0.0, started + min(budget, latest) - time.monotonic()))
    except TimeoutError:
        inquiry.cancel()
        log.info("no answer of DNS in time", queue_id=queue_id)
        return Evidence()


def _nothing_known() -> Future[Evidence]:
    inquiry: Future[Evidence] = Future()
    inquiry.set_result(Evidence())
    return inquiry


def _failed(envelope: Envelope, queue_id: str, stage: Stage, settings: Settings) -> Outcome:
    """Return the outcome of a fault of ours; mail to role addresses always passes."""
    site = settings.site
    recipients = role_recipients(envelope.rcpt_to, site.role_addresses, site.domains)
    verdict = failure_verdict(settings.policy_values())
    if recipients is RoleRecipients.ALL:
        verdict = Verdict(Action.ACCEPT, Action.ACCEPT)
    return Outcome(queue_id, envelope, verdict, failure=stage)


def _response(outcome: Outcome, fields: Sequence[HeaderField], settings: Settings) -> Response:
    refusal = reply(outcome.verdict, outcome.queue_id, outcome.failure)
    if refusal is not None:
        return Response(outcome, reply=refusal)
    written_id = settings.written_authserv_id
    edits: list[Edit] = [
        *removals(fields, written_id, settings.authentication.trusted_authserv_ids)
    ]
    authentication = outcome.scan.authentication if outcome.scan else Authentication()
    if written_id and authentication.source == "own":
        author = outcome.headline.author_domain
        edits.append(results_field(written_id, authentication, author, outcome.envelope))
    edits += additions(outcome.verdict, outcome.failure)
    held = outcome.verdict.action is Action.QUARANTINE
    return Response(outcome, tuple(edits), hold_reason(outcome.verdict) if held else "")
