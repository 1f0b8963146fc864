"""
The daemon: puts settings, scanner processes, metrics and libmilter together, and obeys signals.

libmilter serves in a thread of its own, because it would keep Python's signal handlers
from running and takes SIGHUP as "stop".  The main thread only waits for events; a reload
happens in a third thread, so that SIGTERM and the watchdog are served meanwhile.
"""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from types import FrameType

from phish_milter.daemon import listener, systemd
from phish_milter.daemon.feed_watch import FeedWatch
from phish_milter.daemon.gateway import open_listener, run_listener
from phish_milter.daemon.handler import Handler, shielded
from phish_milter.daemon.wakeup import Alarm
from phish_milter.detection.brands.pack import PackError, brand_ids, load_packs
from phish_milter.detection.checks import SYMBOLS
from phish_milter.dns.resolver import Resolver
from phish_milter.observability.log import MessageLog, configure, log
from phish_milter.observability.metrics import Metrics
from phish_milter.observability.metrics_server import MetricsServer
from phish_milter.policy.outcome import Outcome, Stage
from phish_milter.scanning.origin_lookups import OriginLookups, rules_of
from phish_milter.scanning.pool import PoolLimits, ScannerPool
from phish_milter.scanning.runtime import ActiveRuntime, Runtime
from phish_milter.scanning.scanner import Scanner
from phish_milter.scanning.spawner import BuildError, PoolError, end_helpers
from phish_milter.scanning.worker import SupportsScan
from phish_milter.settings.load import SettingsError, load_settings
from phish_milter.settings.model import Settings
from phish_milter.settings.nameservers import Resolvable, resolvable
from phish_milter.settings.types import Affects

EXIT_OK, EXIT_FAILURE, EXIT_CONFIGURATION = 0, 1, 2

# Beyond the deadline of a scan: time to carry the verdict out and to end the processes.
GRACE_SECONDS = 5.0
IDLE_SECONDS = 60.0
# A gateway that is alive answers in milliseconds; the main thread waits no longer for it.
PROBE_SECONDS = 5.0
# What a reload cannot change.
FIXED = frozenset(Settings.affecting(Affects.RESTART))


Build = Callable[[Settings], SupportsScan]


def serve(path: Path | None, build: Build = Scanner, resolv_conf: Path | None = None) -> int:
    """
    Run until SIGTERM and return the exit status.

    *path* names the configuration file and *resolv_conf* that of the resolvers, None the
    one of the system; *build* makes the scanner in every worker.  2 means that the
    configuration cannot be used, 1 any other reason not to start or to go on.
    """
    try:
        found = resolvable(load_settings(path, SYMBOLS), resolv_conf).required()
        configure(found.settings)
        _warn(found)
        return Service(path, found.settings, build, resolv_conf).run()
    except (SettingsError, PackError) as error:
        return _refuse(error.problems, EXIT_CONFIGURATION)
    except BuildError as error:
        return _refuse((str(error),), EXIT_CONFIGURATION)
    except (PoolError, listener.SocketError, OSError) as error:
        return _refuse((str(error),), EXIT_FAILURE)


def _refuse(problems: tuple[str, ...], status: int) -> int:
    for problem in problems:
        sys.stderr.write(f"phish-milter: {problem}\n")
    return status


def _warn(found: Resolvable) -> None:
    for problem in found.problems:
        log.warning("resolver left out", problem=problem)


class Service:
    """One run of the daemon."""

    def __init__(
        self, path: Path | None, settings: Settings, build: Build, resolv_conf: Path | None
    ) -> None:
        self._path, self._settings, self._scanner = path, settings, build
        self._resolv_conf = resolv_conf
        self._events: SimpleQueue[str] = SimpleQueue()
        self._reloads: SimpleQueue[None] = SimpleQueue()
        self._alarm = Alarm()
        self._metrics = Metrics(brand_ids(settings.brands.enabled), SYMBOLS)
        self._messages = MessageLog(settings)
        dns = settings.dns
        self._lookups = Resolver(
            dns.nameservers, dns.port, dns.timeout_seconds, self._metrics.lookup
        )
        self._metrics.watch_lookups(
            lambda: self._lookups.breaker_open, lambda: self._lookups.cache_entries
        )
        self._feeds = FeedWatch(
            self._metrics.feeds,
            lambda problem: log.warning("feed", problem=problem),
            self._feeds_failed,
        )
        self._ready = False
        self._listening = threading.Thread(target=self._listen, name="listener", daemon=True)
        self._reloading = threading.Thread(target=self._reload_loop, name="reload", daemon=True)
        # Also those of a reload that has not finished yet.
        self._pools: set[ScannerPool] = set()
        self._pools_lock = threading.Lock()
        self._ending = False
        self._live: ActiveRuntime

    def run(self) -> int:
        """Start everything, wait for the end, stop everything; raises what keeps us from it."""
        self._catch_signals()
        settings = self._settings
        with ExitStack() as stack:
            listener.claim(settings.socket_address)
            stack.callback(self._stop_scanners)
            self._live = ActiveRuntime(self._build(settings, 1))
            stack.callback(self._lookups.close)
            stack.callback(self._feeds.close)
            self._feeds.use(settings)
            stack.enter_context(self._metrics_server())
            stack.enter_context(self._listener())
            self._metrics.loaded(1, settings.scanner.processes)
            self._ready = True
            systemd.notify("READY=1")
            log.info("started", socket=settings.socket, workers=settings.scanner.processes)
            status = self._wait()
            self._stop()
        log.info("stopped", status=status)
        return status

    def _stop_scanners(self) -> None:
        """Leave no process behind, whatever a reload is doing meanwhile."""
        with self._pools_lock:
            self._ending = True
        for pool in self._pools:
            pool.stop()
        end_helpers()

    def _catch_signals(self) -> None:
        """Turn signals into events; handlers may interrupt each other, which these queues bear."""

        def stop(number: int, _: FrameType | None) -> None:
            self._events.put(signal.Signals(number).name)

        def reload(_: int, __: FrameType | None) -> None:
            self._reloads.put(None)

        self._alarm.arm()
        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGHUP, reload)

    def _build(self, settings: Settings, generation: int) -> Runtime:
        """Return a runtime whose scanners have proved to work; raises PackError, PoolError."""
        brands = load_packs(settings.brands.directories, settings.brands.enabled)
        origin_lookups = OriginLookups(self._lookups, rules_of(settings, brands))
        limits = PoolLimits.of(settings.scanner.processes, settings.scanner.memory_bytes)
        pool = ScannerPool(self._scanner, (settings,), limits)
        with self._pools_lock:
            if self._ending:
                raise PoolError("the service is ending")
            self._pools = {other for other in self._pools if not other.stopped} | {pool}
        pool.start()
        return Runtime(settings, pool, origin_lookups, generation)

    @contextmanager
    def _metrics_server(self) -> Iterator[None]:
        listen = self._settings.metrics.listen
        if not listen:
            yield
            return
        try:
            server = MetricsServer(listen, self._metrics.registry, lambda: self._ready)
        except OSError as error:
            raise OSError(f"metrics: {listen}: {error.strerror}") from None
        try:
            yield
        finally:
            server.close()

    @contextmanager
    def _listener(self) -> Iterator[None]:
        handler = Handler(
            self._live,
            observers=(self._metrics.record, self._log_message),
            skipped=self._metrics.skipped,
            in_flight=self._in_flight,
            failed=self._metrics.failure,
            connected=self._metrics.connected,
        )
        try:
            with listener.owned(self._settings):
                open_listener("phish-milter", self._settings.socket, handler)
            self._listening.start()
            self._reloading.start()
            yield
        finally:
            listener.release(self._settings.socket_address)

    def _listen(self) -> None:
        try:
            run_listener()
        finally:
            self._events.put("listener ended")
            self._alarm.ring()

    @contextmanager
    def _in_flight(self) -> Iterator[None]:
        self._metrics.in_flight(1)
        try:
            yield
        finally:
            self._metrics.in_flight(-1)

    def _log_message(self, outcome: Outcome) -> None:
        self._messages.record(outcome)

    def _wait(self) -> int:
        """Wait for the end and return the exit status."""
        watchdog = systemd.Watchdog(systemd.watchdog_seconds(), self._well)
        while True:
            watchdog.look()
            self._alarm.wait(watchdog.pause(IDLE_SECONDS))
            try:
                event = self._events.get_nowait()
            except Empty:
                continue
            log.info("stopping", reason=event)
            return EXIT_FAILURE if event == "listener ended" else EXIT_OK

    def _well(self) -> bool:
        """Whether every part works without which no mail is judged; the log names others."""
        current = self._live.current
        seconds = min(PROBE_SECONDS, systemd.watchdog_seconds() or PROBE_SECONDS)
        parts = {
            "listener": self._listening.is_alive(),
            "scanners": current.pool.alive(),
            "gateway": listener.greets(self._settings.socket_address, seconds),
        }
        dead = [part for part, alive in parts.items() if not alive]
        if dead:
            log.error("not well, the watchdog is told nothing", parts=dead)
        return not dead

    def _stop(self) -> None:
        """
        Accept nothing new and finish what is on its way.

        libmilter itself is left running: pymilter answers nothing any more once
        ``Milter.stop()`` made its main loop return.
        """
        self._ready = False
        systemd.notify("STOPPING=1")
        self._live.close()
        listener.release(self._settings.socket_address)
        deadline = self._live.current.settings.scanner.deadline_seconds
        left = self._live.wait_quiet(deadline + GRACE_SECONDS)
        if left:
            log.warning("messages given up", count=left)

    def _reload_loop(self) -> None:
        while True:
            self._reloads.get()
            while not self._reloads.empty():  # many signals are one wish
                self._reloads.get()
            systemd.reloading()
            shielded(self._reload, self._reload_failed)
            systemd.notify("READY=1")

    def _reload_failed(self, fault: Exception) -> None:
        log.error("fault in the reload", exc_info=fault)
        self._metrics.failure(Stage.RELOAD)

    def _feeds_failed(self, fault: Exception) -> None:
        log.error("fault in the watch on the feeds", exc_info=fault)
        self._metrics.failure(Stage.FEEDS)

    def _reload(self) -> None:
        """Take the changed configuration over, or keep the old one and say why."""
        old = self._live.current
        try:
            new = self._renewed(old)
        except (SettingsError, PackError, PoolError) as error:
            for problem in str(error).splitlines():
                log.error("reload refused, the old configuration stays", problem=problem)
            return
        self._retire(old, new)

    def _renewed(self, old: Runtime) -> Runtime:
        """Return the new configuration at work; on any fault, which it raises, *old* stays."""
        with ExitStack() as undo:
            undo.callback(self._metrics.reload, ok=False, generation=old.generation)
            found = resolvable(load_settings(self._path, SYMBOLS), self._resolv_conf).required()
            settings = found.settings
            new = self._build(settings, old.generation + 1)
            undo.callback(new.pool.stop)
            undo.callback(self._use, old.settings)
            self._use(settings)
            _warn(found)
            undo.pop_all()
        self._live.swap(new)
        self._metrics.reload(ok=True, generation=new.generation, workers=settings.scanner.processes)
        return new

    def _use(self, settings: Settings) -> None:
        """Have the parts that outlive a configuration follow *settings*."""
        dns = settings.dns
        self._lookups.reconfigure(dns.nameservers, dns.port, dns.timeout_seconds)
        configure(settings)
        self._messages = MessageLog(settings)
        self._metrics.expect(brand_ids(settings.brands.enabled), SYMBOLS)
        self._feeds.use(settings)

    def _retire(self, old: Runtime, new: Runtime) -> None:
        """Tell of *new* and end the scanners of *old* when nobody needs them."""
        changed = [key for key in new.settings.differing(self._settings) if key in FIXED]
        if changed:
            log.warning("changed settings that need a restart", settings=changed)
        log.info("reloaded", generation=new.generation)
        seconds = old.settings.scanner.deadline_seconds + GRACE_SECONDS
        self._live.wait_unused(old, seconds)
        old.pool.drain(GRACE_SECONDS)
