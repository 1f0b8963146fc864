"""
The only way to DNS: asks in parallel, within a budget, and never raises.

Everything runs on the event loop of one thread of our own; ``ask`` may be called from
any thread.  What could not be learned is the value *unknown* with its reason.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdata
import dns.rdatatype

from phish_milter.dns.cache import Breaker, Cache
from phish_milter.dns.questions import Answer, Answers, LookupResult, Question, Status, dns_name

#: What others are told of a finished lookup: kind, how it ended, seconds.
Observer = Callable[[str, LookupResult, float], None]
#: An answer, and for how many seconds it is valid.
Reply = tuple[Answer, float]

#: UDP payload of RFC 9715 that no path fragments.
EDNS_PAYLOAD = 1232
#: Queries per question; further ones only add load on a server in trouble.
MAX_ATTEMPTS = 4
#: Shortest wait for one query: below it healthy but distant servers seem dead.
MIN_ATTEMPT_SECONDS = 0.2
#: Share of the budget one lookup may use, so that its own reason arrives in time.
LOOKUP_SHARE = 0.95
#: Longest a caller waits beyond its budget for the loop to hand the answers over.
GRACE_SECONDS = 0.25
#: Questions of one message; a mail that wants more is not worth it.
MAX_QUESTIONS = 64
#: Queries under way at once, so that a flood of mail does not use up all file descriptors.
MAX_IN_FLIGHT = 200
#: Seconds between probes while the breaker is open.
PROBE_SECONDS = 1.0

_PROBE = Question("", "NS")
_NO_SERVER = Answer(Status.UNKNOWN, reason="no nameserver")
_BREAKER = Answer(Status.UNKNOWN, reason="breaker")
_BUDGET = Answer(Status.UNKNOWN, reason="budget")
_NO_NAME = Answer(Status.NXDOMAIN, reason="malformed name")
_UNKNOWN = {"breaker": LookupResult.REFUSED, "timeout": LookupResult.TIMEOUT}
_SILENCE = (Answer(Status.UNKNOWN, reason="timeout"), 0.0)


def _silent(kind: str, result: LookupResult, seconds: float) -> None:
    """Observe nothing."""


@dataclass(frozen=True, slots=True)
class _Setup:
    """Whom to ask, exchanged as a whole by a reload."""

    nameservers: tuple[str, ...]
    port: int
    timeout_seconds: float


@dataclass(slots=True)
class Session:
    """
    The lookups of one message, which share one budget of waiting time.

    Attributes:
        lookups: Where to ask.
        seconds: What is left of the budget.
        answers: Everything answered so far.
    """

    lookups: "Resolver"
    seconds: float
    answers: Answers = field(default_factory=Answers)
    _asked: int = 0

    def ask(self, questions: Iterable[Question]) -> Answers:
        """Ask what was not answered yet; returns all answers so far."""
        new = [q for q in questions if (q.name, q.type) not in self.answers.table]
        new = new[: max(0, MAX_QUESTIONS - self._asked)]
        if new:
            start = time.monotonic()
            found = self.lookups.ask(new, max(0.0, self.seconds))
            self.answers = self.answers.joined(found)
            self._asked += len(new)
            self.seconds -= time.monotonic() - start
        return self.answers


class Resolver:
    """
    One resolver, one cache and one breaker for the whole service.

    Args:
        nameservers: Addresses of resolvers; where there is none, every answer is unknown.
        port: Their port.
        timeout_seconds: Total budget of one message.
        observer: Told of every lookup.
    """

    def __init__(
        self,
        nameservers: Sequence[str] = (),
        port: int = 53,
        timeout_seconds: float = 2.0,
        observer: Observer = _silent,
    ) -> None:
        self._observer = observer
        self._cache = Cache()
        self._breaker = Breaker()
        self._running: dict[Question, asyncio.Task[Answer]] = {}
        self._probe: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = threading.Lock()
        self._slots = asyncio.Semaphore(MAX_IN_FLIGHT)
        self.reconfigure(nameservers, port, timeout_seconds)

    def reconfigure(self, nameservers: Sequence[str], port: int, timeout_seconds: float) -> None:
        """Exchange whom to ask; the cache stays."""
        self._setup = _Setup(tuple(nameservers), port, timeout_seconds)

    @property
    def breaker_open(self) -> bool:
        """Whether DNS is taken for dead."""
        return self._breaker.open

    @property
    def cache_entries(self) -> int:
        """How many answers the cache holds."""
        return len(self._cache)

    def session(self) -> Session:
        """Begin the lookups of one message."""
        return Session(self, self._setup.timeout_seconds)

    def ask(self, questions: Iterable[Question], seconds: float | None = None) -> Answers:
        """Ask everything at once and wait, at most *seconds* (the whole budget by default)."""
        budget = self._setup.timeout_seconds if seconds is None else seconds
        wanted = {(q.name, q.type): q for q in questions}
        table = {key: self._cached(q) for key, q in wanted.items()}
        missing = [wanted[key] for key, answer in table.items() if answer is None]
        fetched = self._fetch(missing, budget) if missing else {}
        return Answers({key: a or fetched[wanted[key]] for key, a in table.items()})

    def close(self) -> None:
        """Stop the thread; questions in flight end as unknown."""
        with self._starting:
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)

    def _cached(self, question: Question) -> Answer | None:
        if not dns_name(question.name):
            return _NO_NAME
        answer = self._cache.get(question, time.monotonic())
        if answer is not None:
            self._observer(question.kind, LookupResult.CACHED, 0.0)
        return answer

    def _fetch(self, questions: Sequence[Question], budget: float) -> dict[Question, Answer]:
        waiting = asyncio.run_coroutine_threadsafe(
            self._gather(questions, budget), self._running_loop()
        )
        try:
            return waiting.result(budget + GRACE_SECONDS)
        except (TimeoutError, asyncio.CancelledError):
            waiting.cancel()
            return dict.fromkeys(questions, _BUDGET)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop; its thread starts with the first question, after any fork."""
        with self._starting:
            if self._loop is None:
                self._slots = asyncio.Semaphore(MAX_IN_FLIGHT)
                ready: Future[asyncio.AbstractEventLoop] = Future()
                threading.Thread(
                    target=_run_loop, args=(ready,), name="lookups", daemon=True
                ).start()
                self._loop = ready.result()
            return self._loop

    async def _gather(self, questions: Sequence[Question], budget: float) -> dict[Question, Answer]:
        """Wait for shared lookups; one that is late goes on and fills the cache."""
        tasks = {q: self._task(q) for q in questions}
        done, _ = await asyncio.wait(tasks.values(), timeout=budget)
        out = {}
        for question, task in tasks.items():
            out[question] = task.result() if task in done else _BUDGET
            if task not in done:
                self._observer(question.kind, LookupResult.BUDGET, budget)
        return out

    def _task(self, question: Question) -> asyncio.Task[Answer]:
        """Return the running lookup of *question*, a new one if there is none."""
        task = self._running.get(question)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._lookup(question))
            self._running[question] = task
            task.add_done_callback(lambda _: self._running.pop(question, None))
        return task

    async def _lookup(self, question: Question) -> Answer:
        start = time.monotonic()
        answer, ttl = await self._attempts(question, start)
        now = time.monotonic()
        self._cache.put(question, answer, ttl, now)
        self._observer(question.kind, _result(answer), now - start)
        return answer

    async def _attempts(self, question: Question, start: float) -> Reply:
        """
        Ask one nameserver after the other until one says something of use.

        A server that takes its time is still listened to while the next one is asked.
        """
        setup = self._setup
        until = start + setup.timeout_seconds * LOOKUP_SHARE
        each = max(MIN_ATTEMPT_SECONDS, setup.timeout_seconds / MAX_ATTEMPTS)
        waiting: set[asyncio.Task[Reply]] = set()
        best: Reply = (_NO_SERVER, 0.0)
        try:
            for number in range(MAX_ATTEMPTS if setup.nameservers else 0):
                if self._breaker.open:
                    return _BREAKER, 0.0
                left = until - time.monotonic()
                if left <= 0:
                    break
                server = setup.nameservers[number % len(setup.nameservers)]
                exchange = self._exchange(question, server, setup.port, left)
                waiting.add(asyncio.get_running_loop().create_task(exchange))
                last = number == MAX_ATTEMPTS - 1
                best, waiting = await self._first(waiting, best, left if last else each)
                if not best[0].unknown:
                    break
        finally:
            for task in waiting:
                task.cancel()
        return best

    async def _first(
        self, waiting: set[asyncio.Task[Reply]], best: Reply, seconds: float
    ) -> tuple[Reply, set[asyncio.Task[Reply]]]:
        """Wait for an answer; returns the best so far and the tasks still waiting."""
        done, waiting = await asyncio.wait(
            waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            self._unanswered()
            return (best if best[0] is not _NO_SERVER else _SILENCE), waiting
        replies = sorted((task.result() for task in done), key=lambda r: r[0].unknown)
        return replies[0], waiting

    async def _exchange(self, question: Question, server: str, port: int, seconds: float) -> Reply:
        """Ask *server* once, by TCP where the answer is too long for UDP."""
        query = dns.message.make_query(
            f"{question.name}.", question.type, use_edns=0, payload=EDNS_PAYLOAD
        )
        try:
            async with self._slots:
                reply = await _send(query, server, port, seconds)
            if reply.rcode() in (dns.rcode.FORMERR, dns.rcode.NOTIMP):
                query.use_edns(False)  # noqa: FBT003 - dnspython's way to say so
                reply = await _send(query, server, port, seconds)
        except (dns.exception.Timeout, TimeoutError):
            return _SILENCE
        except (OSError, EOFError) as error:
            self._unanswered()
            return Answer(Status.UNKNOWN, reason=type(error).__name__), 0.0
        except dns.exception.DNSException as error:
            return Answer(Status.UNKNOWN, reason=f"malformed ({type(error).__name__})"), 0.0
        self._breaker.answered()
        return read_reply(reply)

    def _unanswered(self) -> None:
        """Count a silence; after many in a row ask the server itself whether it lives."""
        if self._breaker.unanswered() and self._probe is None:
            self._probe = asyncio.get_running_loop().create_task(self._probe_until_answered())
            self._probe.add_done_callback(lambda _: setattr(self, "_probe", None))

    async def _probe_until_answered(self) -> None:
        """
        Open the breaker while not even the root is answered for.

        A probe about a neutral name: a dead domain in one mail must not take DNS away
        from every other.
        """
        while not await self._alive():
            self._breaker.trip()
            await asyncio.sleep(PROBE_SECONDS)
        self._breaker.answered()

    async def _alive(self) -> bool:
        setup = self._setup
        query = dns.message.make_query(".", "NS", use_edns=0, payload=EDNS_PAYLOAD)
        for server in setup.nameservers:
            try:
                await _send(query, server, setup.port, MIN_ATTEMPT_SECONDS * 2)
            except (dns.exception.DNSException, OSError, EOFError):
                continue
            return True
        return False


def read_reply(reply: dns.message.Message) -> Reply:
    """Return what *reply* says and for how many seconds."""
    code = reply.rcode()
    if code not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return Answer(Status.UNKNOWN, reason=dns.rcode.to_text(code).lower()), 0.0
    if reply.flags & dns.flags.TC:
        return Answer(Status.UNKNOWN, reason="truncated"), 0.0
    try:
        chain = reply.resolve_chaining()  # type: ignore[attr-defined]  # of QueryMessage
    except dns.exception.DNSException as error:
        return Answer(Status.UNKNOWN, reason=f"malformed ({type(error).__name__})"), 0.0
    if chain.answer is not None:
        answer = Answer(Status.FOUND, tuple(sorted(_text(record) for record in chain.answer)))
    elif code == dns.rcode.NXDOMAIN:
        answer = Answer(Status.NXDOMAIN)
    else:
        answer = _empty(reply, aliased=bool(chain.cnames))
    return answer, float(chain.minimum_ttl)


def _empty(reply: dns.message.Message, *, aliased: bool) -> Answer:
    """Tell "there is no such record" from a server that does not know (a lame one)."""
    if any(rrset.rdtype == dns.rdatatype.SOA for rrset in reply.authority):
        return Answer(Status.NODATA)
    knows = reply.flags & (dns.flags.AA | dns.flags.RA)
    return Answer(Status.UNKNOWN, reason="lame") if aliased or not knows else Answer(Status.NODATA)


def _result(answer: Answer) -> LookupResult:
    if answer.status is Status.UNKNOWN:
        return _UNKNOWN.get(answer.reason, LookupResult.FAILED)
    return LookupResult.ANSWER if answer.status is Status.FOUND else LookupResult.NONE


async def _send(
    query: dns.message.Message, server: str, port: int, seconds: float
) -> dns.message.Message:
    """Exchange one query; answers with a wrong id, source or question are not heard."""
    async with asyncio.timeout(seconds):
        reply, _ = await dns.asyncquery.udp_with_fallback(
            query, server, timeout=seconds, port=port, ignore_unexpected=True, ignore_errors=True
        )
    return reply


def _text(record: dns.rdata.Rdata) -> str:
    """Return one record in the form of ``Answer.values``."""
    if record.rdtype == dns.rdatatype.TXT:
        return b"".join(record.strings).decode("latin-1")  # type: ignore[attr-defined]
    text = record.to_text().lower()
    return text.rstrip(".") or "." if not text.endswith(" .") else text


def _run_loop(ready: Future[asyncio.AbstractEventLoop]) -> None:
    """Run the event loop of the lookups thread until it is stopped."""
    loop = asyncio.new_event_loop()
    ready.set_result(loop)
    loop.run_forever()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
