"""
Figures for Prometheus, and the small HTTP server that shows them.

No label carries message data: the values are words of ours, ids of brand packs and
names of symbols.  All of them are there from the start, at 0, so that a rate or an
alert sees the first event and not only the second.
"""

import platform
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

from phish_milter import __version__
from phish_milter.authentication.model import Authentication, Disbelief, Result
from phish_milter.dns.questions import Kind, LookupResult
from phish_milter.links.feeds.feed_set import FeedState
from phish_milter.policy.decision import Action, BrandVerdictWord
from phish_milter.policy.outcome import Outcome, Stage

STAGES = ("parse", "links", "authentication", "checks", "total")
SKIPPED = ("authenticated", "internal")
RELOADS = ("success", "failure")
METHODS = ("dkim", "spf", "dmarc", "arc")
RESULTS = tuple(result.value for result in Result if result is not Result.SKIPPED)
LOOKUPS = tuple(kind.value for kind in Kind)
# These took no time of their own: the question of a late one goes on and is counted again.
UNTIMED_RESULTS = frozenset({LookupResult.CACHED, LookupResult.REFUSED, LookupResult.BUDGET})

# From a fraction of what an ordinary mail costs up to past the shipped deadline of 10 s.
SCAN_BUCKETS = (
    *(0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0),
)
# From a resolver on this host up to several attempts at one that does not answer.
LOOKUP_BUCKETS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)

# The creation times would double the number of series and nobody asks for them.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """
    Everything that is counted, in a registry of its own.

    Safe to use from any thread.

    Args:
        brands: Ids of the brand packs in use.
        symbols: Names of the symbols that the checks can raise.
    """

    def __init__(self, brands: Iterable[str] = (), symbols: Iterable[str] = ()) -> None:
        self.registry = CollectorRegistry()
        self._count_messages()
        self._count_work()
        self._show_state()
        self._start_at_zero()
        self.expect(brands, symbols)

    def _count_messages(self) -> None:
        self._messages = self._counter(
            "messages",
            "Messages answered, by action taken and by action without the ceiling.",
            ("action", "uncapped_action"),
        )
        self._brand_verdicts = self._counter(
            "brand_verdicts",
            "Verdicts about brands that messages present themselves as.",
            ("brand", "verdict"),
        )
        self._findings = self._counter(
            "findings",
            "Messages in which a symbol fired, once per message and symbol.",
            ("symbol",),
        )
        self._skipped = self._counter(
            "skipped", "Messages that were not scanned because of who sent them.", ("reason",)
        )

    def _count_work(self) -> None:
        self._scan_seconds = Histogram(
            "phish_milter_scan_seconds",
            "Time one message took, by stage; total is from its end to our answer.",
            ("stage",),
            buckets=SCAN_BUCKETS,
            registry=self.registry,
        )
        self._lookup_seconds = Histogram(
            "phish_milter_lookup_seconds",
            "Time until a question that was really asked was settled.",
            ("kind",),
            buckets=LOOKUP_BUCKETS,
            registry=self.registry,
        )
        self._lookups = self._counter(
            "lookups",
            "Questions to DNS, by what they are for and by how they ended.",
            ("kind", "result"),
        )
        self._authentication = self._counter(
            "authentication",
            "Results of authentication where somebody looked; each DKIM signature counts.",
            ("method", "result"),
        )
        self._disbelieved = self._counter(
            "disbelieved_results",
            "Messages with Authentication-Results of a trusted id that were not believed.",
            ("reason",),
        )
        self._failures = self._counter(
            "failures",
            "Faults of ours, by stage; but for observer, on_failure decided about the message.",
            ("stage",),
        )

    def _show_state(self) -> None:
        self._reloads = self._counter(
            "reloads",
            "Attempts to load a changed configuration; failure means the old one stayed.",
            ("result",),
        )
        self._last_connection = self._gauge(
            "last_connection_timestamp_seconds",
            "When the MTA last told of a client; 0 before the first.",
        )
        self._last_message = self._gauge(
            "last_message_timestamp_seconds",
            "When a message was last answered; 0 before the first.",
        )
        self._in_flight = self._gauge("in_flight", "Messages being judged right now.")
        self._workers = self._gauge("workers", "Scanner processes configured.")
        self._breaker = self._gauge(
            "lookup_breaker_open", "Whether DNS is taken for dead, so that all answers are unknown."
        )
        self._cached = self._gauge("lookup_cache_entries", "Answers of DNS kept in memory.")
        self._feed_entries = self._gauge(
            "feed_entries", "Entries of a local feed that are in force.", ("feed",)
        )
        self._feed_ignored = self._gauge(
            "feed_ignored_lines", "Lines of a local feed that could not be used.", ("feed",)
        )
        self._feed_age = self._gauge(
            "feed_age_seconds",
            "Time since the file of a local feed was written; since 1970 if it was never read.",
            ("feed",),
        )
        self._feeds: frozenset[str] = frozenset()
        self._generation = self._gauge(
            "config_generation", "Number of the configuration in use; each reload adds one."
        )
        self._last_reload_ok = self._gauge(
            "config_last_reload_successful", "Whether the newest configuration is the one in use."
        )
        self._loaded_at = self._gauge(
            "config_loaded_timestamp_seconds", "When the configuration in use was loaded."
        )
        build = self._gauge(
            "build_info", "Always 1; the labels name the versions.", ("version", "python")
        )
        build.labels(__version__, platform.python_version()).set(1)
        ProcessCollector(registry=self.registry)

    def expect(self, brands: Iterable[str], symbols: Iterable[str]) -> None:
        """Show *brands* and *symbols* at 0, as after a reload that brought new ones."""
        for brand in brands:
            for verdict in BrandVerdictWord:
                self._brand_verdicts.labels(brand, verdict.value)
        for symbol in symbols:
            self._findings.labels(symbol)

    def record(self, outcome: Outcome) -> None:
        """Count one answered message, our own fault included if there was one."""
        verdict = outcome.verdict
        self._last_message.set(time.time())
        self._messages.labels(str(verdict.action), str(verdict.uncapped_action)).inc()
        for brand in verdict.brands:
            self._brand_verdicts.labels(brand.brand, brand.verdict.value).inc()
        for symbol in {scored.finding.symbol.name for scored in verdict.findings}:
            self._findings.labels(symbol).inc()
        self._scan_seconds.labels("total").observe(outcome.seconds)
        if outcome.scan is not None:
            for stage, seconds in outcome.scan.seconds.items():
                self._scan_seconds.labels(stage).observe(seconds)
            for method, result in _results(outcome.scan.authentication):
                self._authentication.labels(method, result.value).inc()
            for reason in outcome.scan.disbelieved:
                self._disbelieved.labels(reason.value).inc()
        if outcome.failure:
            self.failure(outcome.failure)

    def connected(self) -> None:
        """Note that the MTA tells of a client right now."""
        self._last_connection.set(time.time())

    def in_flight(self, delta: int) -> None:
        """Note that *delta* more messages are being judged (negative: fewer)."""
        self._in_flight.inc(delta)

    def failure(self, stage: Stage) -> None:
        """Count a fault of ours that no ``record()`` tells of, such as ``observer``."""
        self._failures.labels(stage).inc()

    def skipped(self, reason: str) -> None:
        """Count a message that is not scanned: ``authenticated`` or ``internal``."""
        self._skipped.labels(reason).inc()

    def loaded(self, generation: int, workers: int) -> None:
        """Note that configuration *generation* is in use now, with so many *workers*."""
        self._generation.set(generation)
        self._workers.set(workers)
        self._last_reload_ok.set(1)
        self._loaded_at.set(time.time())

    def reload(self, ok: bool, generation: int, workers: int | None = None) -> None:
        """Count a reload; *generation* is the configuration in use after it."""
        self._reloads.labels("success" if ok else "failure").inc()
        self._generation.set(generation)
        self._last_reload_ok.set(ok)
        if ok:
            self._loaded_at.set(time.time())
        if workers is not None:
            self._workers.set(workers)

    def feeds(self, states: Iterable[FeedState]) -> None:
        """Show the *states* of the local feeds, and no others."""
        known = {state.name: state for state in states}
        for gone in self._feeds - known.keys():
            self._feed_entries.remove(gone)
            self._feed_ignored.remove(gone)
            self._feed_age.remove(gone)
        self._feeds = frozenset(known)
        for name, state in known.items():
            self._feed_entries.labels(name).set(state.entries)
            self._feed_ignored.labels(name).set(state.ignored)
            self._feed_age.labels(name).set_function(partial(_age, state.modified))

    def watch_lookups(self, breaker: Callable[[], bool], entries: Callable[[], int]) -> None:
        """Show the state of the lookups whenever somebody asks for the figures."""
        self._breaker.set_function(lambda: float(breaker()))
        self._cached.set_function(entries)

    def lookup(self, kind: str, result: LookupResult, seconds: float = 0.0) -> None:
        """Count a question to DNS; *kind* is one of LOOKUPS."""
        self._lookups.labels(kind, result).inc()
        if result not in UNTIMED_RESULTS:
            self._lookup_seconds.labels(kind).observe(seconds)

    def _counter(self, name: str, text: str, labels: tuple[str, ...]) -> Counter:
        return Counter(f"phish_milter_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Gauge:
        return Gauge(f"phish_milter_{name}", text, labels, registry=self.registry)

    def _start_at_zero(self) -> None:
        for action in Action:
            for uncapped in Action:
                if action <= uncapped:  # a ceiling only ever makes milder
                    self._messages.labels(str(action), str(uncapped))
        for method in METHODS:
            for result in RESULTS:
                self._authentication.labels(method, result)
        for kind in LOOKUPS:
            self._lookup_seconds.labels(kind)
            for result in LookupResult:
                self._lookups.labels(kind, result)
        for metric, words in (
            (self._scan_seconds, STAGES),
            (self._failures, Stage),
            (self._skipped, SKIPPED),
            (self._reloads, RELOADS),
            (self._disbelieved, Disbelief),
        ):
            for word in words:
                metric.labels(word)


def _results(found: Authentication) -> Iterator[tuple[str, Result]]:
    """Yield method and result of everything that was looked at."""
    for one in found.dkim:
        yield "dkim", one.result
    for method, result in (("spf", found.spf), ("dmarc", found.dmarc), ("arc", found.arc)):
        if found.source and result is not Result.SKIPPED:
            yield method, result


def _age(modified: float) -> float:
    return max(0.0, time.time() - modified)
