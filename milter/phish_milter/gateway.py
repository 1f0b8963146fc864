"""
The milter side: what Postfix says becomes a transaction, a verdict becomes edits and a reply.

This is the only module that knows pymilter.  Rules it keeps:

* Nothing but ``shielded()`` catches broadly, and every callback goes through it: a fault
  of ours is logged, counted and answered as ``[policy] on_failure`` says.
* Callbacks that cannot change anything send no reply, which saves Postfix the wait.
* Header edits are decided in ``edits`` and only carried out here.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import IPv6Address, ip_address
from typing import Any, TypeVar

import Milter
import structlog

from phish_milter.edits import DeleteHeader, InsertHeader, edits, hold_reason, removals, reply
from phish_milter.judge import judge
from phish_milter.live import Live, Runtime
from phish_milter.message.defects import TRUNCATED
from phish_milter.message.model import Envelope
from phish_milter.outcome import Outcome
from phish_milter.policy import Action, RoleRecipients, Verdict, failure_verdict
from phish_milter.pool import ScanFailure
from phish_milter.recipients import role_recipients
from phish_milter.settings import Settings
from phish_milter.transaction import Transaction

log = structlog.get_logger()
T = TypeVar("T")

# Stage of every fault that is not the scanner pool's.
GATEWAY = "gateway"

Observer = Callable[[Outcome], None]


def shielded(work: Callable[[], T], on_fault: Callable[[Exception], T]) -> T:
    """
    Do *work*; if it fails, return what *on_fault* makes of it.

    The one place where any fault of ours is caught.  An exception that left a callback
    would make pymilter refuse the mail.
    """
    try:
        return work()
    except Exception as fault:  # noqa: BLE001 - the isolation point: no fault may harm mail
        return on_fault(fault)


@dataclass(frozen=True, slots=True)
class Gateway:
    """
    What all connections share.

    Attributes:
        live: The configuration at work.
        observers: Told about every answered message, each on its own.
        skipped: Told why a message is not scanned: ``internal``, ``authenticated``.
        in_flight: Entered while a message is judged.
        failed: Told the stage of a fault that no outcome tells of.
    """

    live: Live
    observers: Sequence[Observer] = ()
    skipped: Callable[[str], None] = lambda _: None
    in_flight: Callable[[], AbstractContextManager[object]] = nullcontext
    failed: Callable[[str], None] = lambda _: None

    def answer(self, transaction: Transaction, queue_id: str) -> Outcome:
        """Scan and judge one message; a fault of ours is part of the outcome."""
        started = time.monotonic()
        envelope = transaction.envelope
        with self.in_flight(), self.live.lease() as runtime:
            settings = runtime.settings
            outcome = Outcome(queue_id, envelope, failure_verdict(settings.policy_values()))
            try:
                outcome = self._judged(transaction, outcome, runtime, started)
            except ScanFailure as failure:
                log.warning(
                    "scan failed", queue_id=queue_id, stage=failure.stage, reason=failure.reason
                )
                outcome = failed(outcome, failure.stage, settings)
        return replace(outcome, seconds=time.monotonic() - started)

    def _judged(
        self, transaction: Transaction, outcome: Outcome, runtime: Runtime, started: float
    ) -> Outcome:
        if transaction.failed:
            raise ScanFailure(GATEWAY, "a part of the message was lost")
        deadline = started + runtime.settings.scanner.deadline_seconds
        scan = runtime.pool.submit(transaction.raw(), outcome.envelope, deadline)
        if transaction.truncated and TRUNCATED not in scan.defects:
            scan = replace(scan, defects=tuple(sorted({*scan.defects, TRUNCATED})))
        verdict = judge(scan, outcome.envelope, runtime.settings)
        return replace(outcome, verdict=verdict, scan=scan)

    def observe(self, outcome: Outcome) -> None:
        """Tell every observer; a faulty one harms neither mail nor the others."""
        for observer in self.observers:
            shielded(partial(observer, outcome), partial(self._observer_failed, outcome))

    def _observer_failed(self, outcome: Outcome, fault: Exception) -> None:
        log.error("observer failed", queue_id=outcome.queue_id, exc_info=fault)
        self.failed("observer")


def failed(outcome: Outcome, stage: str, settings: Settings) -> Outcome:
    """Return *outcome* as a fault of ours at *stage*; mail to role addresses always passes."""
    site = settings.site
    recipients = role_recipients(outcome.envelope.rcpt_to, site.role_addresses, site.domains)
    verdict = failure_verdict(settings.policy_values())
    if recipients is RoleRecipients.ALL:
        verdict = Verdict(Action.ACCEPT, Action.ACCEPT)
    return replace(outcome, verdict=verdict, failure=stage)


@Milter.header_leading_space
class Session(Milter.Base):
    """One connection of an SMTP client: Postfix tells it everything, message after message."""

    def __init__(self, gateway: Gateway) -> None:
        super().__init__()
        self._gateway = gateway
        self._client_ip = ""
        self._helo = ""
        self._transaction: Transaction | None = None

    def setsymlist(self, stage: int, *macros: str) -> None:
        """
        Ask for *macros* only.

        pymilter 1.0.5 gives its C part bytes, which it refuses, and then silently takes
        back everything that was negotiated.
        """
        if self._actions & Milter.SETSYMLIST:
            self._ctx.setsymlist(stage, " ".join(macros))

    # Callbacks, in the order of a session.

    def negotiate(self, options: list[int]) -> int:
        """Say what we need; when the service ends, say what a dead filter would: nothing."""
        if self._gateway.live.closed:
            return Milter.REJECT
        return super().negotiate(options)

    @Milter.symlist("{client_addr}")
    def connect(self, _hostname: str, _family: int, hostaddr: object) -> int:
        """Note the client; a whole connection from inside is none of our business."""
        return shielded(partial(self._connect, hostaddr), self._fault)

    def _connect(self, hostaddr: object) -> int:
        self._client_ip = client_address(hostaddr)
        if self._client_ip and self._is_internal():
            self._gateway.skipped("internal")
            return Milter.ACCEPT
        return Milter.CONTINUE

    def _is_internal(self) -> bool:
        address = ip_address(self._client_ip)
        networks = self._gateway.live.current.settings.site.internal_networks
        return any(address in network for network in networks)

    @Milter.noreply
    def hello(self, name: str) -> int:
        """Note the latest HELO; a second one follows STARTTLS."""
        self._helo = name
        return Milter.CONTINUE

    @Milter.symlist("{auth_type}", "{auth_authen}")
    def envfrom(self, sender: bytes, *_parameters: bytes) -> int:
        """Begin a message, unless its sender logged in."""
        return shielded(partial(self._begin, sender), self._fault)

    def _begin(self, sender: bytes) -> int:
        self._end()
        settings = self._gateway.live.current.settings
        if settings.site.skip_authenticated and self._authenticated():
            self._gateway.skipped("authenticated")
            return Milter.ACCEPT
        limit = settings.scanner.max_bytes
        self._transaction = Transaction(self._client_ip, self._helo, sender, limit)
        self._gateway.live.arrive()
        return Milter.CONTINUE

    def _authenticated(self) -> bool:
        return bool(self.getsymval("{auth_type}") or self.getsymval("{auth_authen}"))

    @Milter.symlist("i")
    @Milter.noreply
    def envrcpt(self, recipient: bytes, *_parameters: bytes) -> int:
        """Note a recipient that Postfix accepted."""
        return self._collect(Transaction.add_recipient, recipient)

    @Milter.noreply
    def header(self, name: str, value: bytes) -> int:
        """Note a header field, exactly as it came."""
        return self._collect(Transaction.add_field, name, value)

    @Milter.noreply
    def body(self, chunk: bytes) -> int:
        """Note the next part of the body."""
        return self._collect(Transaction.add_body, chunk)

    def _collect(self, add: Callable[..., None], *what: object) -> int:
        if self._transaction is not None:
            shielded(partial(add, self._transaction, *what), self._fault)
        return Milter.CONTINUE

    @Milter.symlist("i")
    def eom(self) -> int:
        """Judge the message and carry the verdict out."""
        try:
            return shielded(self._eom, self._fault_at_eom)
        finally:
            self._end()

    def _eom(self) -> int:
        if self._transaction is None:  # cannot be: what is not scanned has no end of message
            return Milter.ACCEPT
        outcome = self._gateway.answer(self._transaction, self._queue_id())
        answer = self._carry_out(outcome)
        self._gateway.observe(outcome)
        return answer

    def abort(self) -> int:
        """Forget the message: RSET, or the client went away."""
        self._end()
        return Milter.CONTINUE

    def close(self) -> int:
        """Forget everything: the connection ended."""
        self._end()
        return Milter.CONTINUE

    # Carrying out.

    def _carry_out(self, outcome: Outcome) -> int:
        """Edit, hold or refuse the message; raises ``Milter.error`` if libmilter will not."""
        verdict, failure = outcome.verdict, outcome.failure
        for edit in edits(verdict, self._removals(), failure):
            self._edit(edit)
        if verdict.action is Action.QUARANTINE:
            self.quarantine(hold_reason(verdict))
        refusal = reply(verdict, outcome.queue_id, failure)
        if refusal is None:
            return Milter.ACCEPT
        self.setreply(refusal.code, refusal.enhanced, refusal.text.replace("%", "%%"))
        return Milter.REJECT if verdict.action is Action.REJECT else Milter.TEMPFAIL

    def _removals(self) -> tuple[DeleteHeader, ...]:
        if self._transaction is None:
            return ()
        settings = self._gateway.live.current.settings
        trusted = settings.authentication.trusted_authserv_ids
        return removals(self._transaction.fields, settings.site.authserv_id, trusted)

    def _edit(self, edit: DeleteHeader | InsertHeader) -> None:
        if isinstance(edit, DeleteHeader):
            self.chgheader(edit.name, edit.index, "")
        else:
            # Having asked for the leading space, we have to send it too.
            space = " " if self._protocol & Milter.P_HDR_LEADSPC else ""
            self.addheader(edit.name, space + edit.value, 0)

    def _queue_id(self) -> str:
        return self.getsymval("i") or ""

    # Faults.

    def _fault(self, fault: Exception) -> int:
        """Note a fault before the end of a message; the answer follows at its end."""
        log.error("fault in the gateway", exc_info=fault)
        if self._transaction is not None:
            self._transaction.failed = True
        return Milter.CONTINUE

    def _fault_at_eom(self, fault: Exception) -> int:
        """Answer a message whose judgement or edits failed, as ``on_failure`` says."""
        envelope = self._transaction.envelope if self._transaction else Envelope()
        settings = self._gateway.live.current.settings
        unjudged = Outcome(self._queue_id(), envelope, failure_verdict(settings.policy_values()))
        outcome = failed(unjudged, GATEWAY, settings)
        log.error("fault in the gateway", queue_id=outcome.queue_id, exc_info=fault)
        self._gateway.observe(outcome)
        return shielded(partial(self._carry_out, outcome), partial(self._bare_answer, outcome))

    def _bare_answer(self, outcome: Outcome, fault: Exception) -> int:
        """Answer without edits, as not even those could be made."""
        log.error("no edits possible", queue_id=outcome.queue_id, exc_info=fault)
        return Milter.TEMPFAIL if outcome.verdict.action is Action.DEFER else Milter.ACCEPT

    def _end(self) -> None:
        if self._transaction is not None:
            self._transaction = None
            self._gateway.live.leave()


def client_address(hostaddr: object) -> str:
    """
    Return the textual address of a client, "" for a Unix socket or an unknown one.

    *hostaddr* is pymilter's: a tuple that starts with the address, a path, or None.  An
    IPv4 address mapped into IPv6 is given as the IPv4 address that it is.
    """
    if not isinstance(hostaddr, tuple):
        return ""
    text = str(hostaddr[0]).partition("%")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


# libmilter.  Its callbacks are bound here rather than by Milter.runmilter(), which opens
# the socket and blocks in one go: the socket's owner must be set between the two.


def open_listener(name: str, socket: str, gateway: Gateway) -> None:
    """Register with libmilter and open *socket*; raises OSError when that fails."""
    Milter.factory = partial(Session, gateway)
    _bind_callbacks()
    Milter.set_flags(Milter.ADDHDRS | Milter.CHGHDRS | Milter.QUARANTINE | Milter.SETSYMLIST)
    # Behind everything above: what pymilter itself cannot decode is no reason to refuse mail.
    Milter.set_exception_policy(Milter.CONTINUE)
    try:
        Milter.setconn(socket)
        Milter.register(name, negotiate=Milter.negotiate_callback)
        Milter.opensocket(0)
    except Milter.error as error:
        raise OSError(f"libmilter cannot open {socket}: {error}") from None


def _bind_callbacks() -> None:
    def method(name: str) -> Callable[..., int]:
        def callback(context: Any, *arguments: object) -> int:
            answer: int = getattr(context.getpriv(), name)(*arguments)
            return answer

        return callback

    Milter.set_connect_callback(Milter.connect_callback)
    Milter.set_helo_callback(method("hello"))
    Milter.set_envfrom_callback(method("envfrom"))
    Milter.set_envrcpt_callback(method("envrcpt"))
    Milter.set_header_callback(method("header"))
    Milter.set_body_callback(method("body"))
    Milter.set_eom_callback(method("eom"))
    Milter.set_abort_callback(method("abort"))
    Milter.set_close_callback(Milter.close_callback)


def run_listener() -> None:
    """Serve connections for ever; not in the main thread, see ``service``."""
    Milter.main()
