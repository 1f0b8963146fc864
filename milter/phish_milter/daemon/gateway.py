"""
The milter side: what Postfix says becomes a transaction, a response becomes edits and a reply.

This is the only module that knows pymilter.  Rules it keeps:

* Every callback that does anything goes through ``shielded()``: a fault of ours is logged,
  counted and answered as ``[policy] on_failure`` says.
* Callbacks that cannot change anything send no reply, which saves Postfix the wait.
* What to do is decided in ``handler``, and only carried out here.
"""

from collections.abc import Callable
from functools import partial
from ipaddress import IPv6Address, ip_address
from typing import Any

import Milter
import structlog

from phish_milter.daemon.handler import Handler, Response, shielded
from phish_milter.daemon.response import DeleteHeader, Edit
from phish_milter.daemon.transaction import Transaction
from phish_milter.policy.decision import Action

log = structlog.get_logger()


@Milter.header_leading_space
class Session(Milter.Base):
    """One connection of an SMTP client: Postfix tells it everything, message after message."""

    def __init__(self, handler: Handler) -> None:
        super().__init__()
        self._handler = handler
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
        if self._handler.live.closed:
            return Milter.REJECT
        return super().negotiate(options)

    @Milter.symlist("{client_addr}")
    def connect(self, _hostname: str, _family: int, hostaddr: object) -> int:
        """Note the client; a whole connection from inside is none of our business."""
        return shielded(partial(self._connect, hostaddr), self._fault)

    def _connect(self, hostaddr: object) -> int:
        self._handler.connected()
        # What was negotiated tells: libmilter keeps the MTA's version of the protocol to itself.
        if not self._protocol & Milter.P_HDR_LEADSPC:
            self._handler.leading_space_is_lost()
        self._client_ip = client_address(hostaddr)
        if self._client_ip and self._is_internal():
            self._handler.skipped("internal")
            return Milter.ACCEPT
        return Milter.CONTINUE

    def _is_internal(self) -> bool:
        address = ip_address(self._client_ip)
        networks = self._handler.live.current.settings.site.internal_networks
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
        settings = self._handler.live.current.settings
        if settings.site.skip_authenticated and self._authenticated():
            self._handler.skipped("authenticated")
            return Milter.ACCEPT
        limit = settings.scanner.max_bytes
        self._transaction = Transaction(self._client_ip, self._helo, sender, limit)
        self._handler.live.arrive()
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
    def eoh(self) -> int:
        """Let DNS be asked, if it has anything to say, while the body still arrives."""
        return self._collect(self._inquire)

    def _inquire(self, transaction: Transaction) -> None:
        transaction.inquiry = self._handler.inquire(transaction)

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
        response = self._handler.answer(self._transaction, self._queue_id())
        return shielded(partial(self._deliver, response), self._fault_while_editing)

    def _deliver(self, response: Response) -> int:
        answer = self._carry_out(response)
        self._handler.observe(response.outcome)
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

    def _carry_out(self, response: Response) -> int:
        """Edit, hold or refuse the message; raises ``Milter.error`` if libmilter will not."""
        for edit in response.edits:
            self._edit(edit)
        if response.hold:
            self.quarantine(response.hold)
        refusal = response.reply
        if refusal is None:
            return Milter.ACCEPT
        self.setreply(refusal.code, refusal.enhanced, refusal.text.replace("%", "%%"))
        return Milter.TEMPFAIL if refusal.code.startswith("4") else Milter.REJECT

    def _edit(self, edit: Edit) -> None:
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
        """Answer a message whose judgement failed, as ``on_failure`` says."""
        response = self._response_to(fault)
        return shielded(partial(self._deliver, response), self._fault_while_editing)

    def _fault_while_editing(self, fault: Exception) -> int:
        """
        Answer a message whose edits failed half-way, as ``on_failure`` says but unedited.

        Which edits were made is not known: the same deletions, made again, would hit what
        moved up into the place of a deleted field.
        """
        response = self._response_to(fault)
        self._handler.observe(response.outcome)
        deferred = response.outcome.verdict.action is Action.DEFER
        return Milter.TEMPFAIL if deferred else Milter.ACCEPT

    def _response_to(self, fault: Exception) -> Response:
        queue_id = self._queue_id()
        log.error("fault in the gateway", queue_id=queue_id, exc_info=fault)
        return self._handler.fault(self._transaction, queue_id)

    def _end(self) -> None:
        if self._transaction is not None:
            self._transaction.forget()
            self._transaction = None
            self._handler.live.leave()


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


def open_listener(name: str, socket: str, handler: Handler) -> None:
    """Register with libmilter and open *socket*; raises OSError when that fails."""
    Milter.factory = partial(Session, handler)
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
    Milter.set_eoh_callback(method("eoh"))
    Milter.set_body_callback(method("body"))
    Milter.set_eom_callback(method("eom"))
    Milter.set_abort_callback(method("abort"))
    Milter.set_close_callback(Milter.close_callback)


def run_listener() -> None:
    """Serve connections for ever; not in the main thread, see ``service``."""
    Milter.main()
