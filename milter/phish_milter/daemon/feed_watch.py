"""
The gateway's eye on the local feeds: how old they are, how much they list, what is wrong.

Scanner processes read the feeds for themselves.  This thread reads them as well, because
nobody hears a scanner, and figures and complaints belong into one place.
"""

import threading
from collections.abc import Callable, Sequence

from phish_milter.daemon.handler import shielded
from phish_milter.detection.brands.pack import load_packs
from phish_milter.links.feeds.feed_set import CHECK_SECONDS, FeedSet, FeedState
from phish_milter.scanning.scanner import configured_feeds, owned_domains
from phish_milter.settings.model import Settings


class FeedWatch:
    """
    Looks at the feeds every few seconds, in a thread of its own.

    Args:
        show: Told the state of every feed after each look.
        complain: Told each problem once, until it is gone or another.
        failed: Told of a fault that cost one look, such as a pack that broke on disk.
        seconds: Between two looks.
    """

    def __init__(
        self,
        show: Callable[[Sequence[FeedState]], None],
        complain: Callable[[str], None],
        failed: Callable[[Exception], None],
        seconds: float = CHECK_SECONDS,
    ) -> None:
        self._show, self._complain, self._failed = show, complain, failed
        self._seconds = seconds
        self._feeds = FeedSet(())
        self._changed = threading.Event()
        self._ended = False
        self._settings = Settings()
        self._said: frozenset[str] = frozenset()
        self._thread = threading.Thread(target=self._run, name="feeds", daemon=True)

    def use(self, settings: Settings) -> None:
        """Watch the feeds of *settings* from now on; the first call starts the thread."""
        self._settings = settings
        self._changed.set()
        if not self._thread.is_alive():
            self._thread.start()

    def close(self) -> None:
        """End the thread; harmless when it never ran."""
        self._ended = True
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join(2 * self._seconds)

    def _run(self) -> None:
        while not self._ended:
            shielded(self._look, self._failed)
            self._changed.wait(self._seconds)

    def _look(self) -> None:
        if self._changed.is_set():
            self._changed.clear()
            self._feeds = _feed_set(self._settings)
        self._feeds.refresh(wait=True)
        self._tell(self._feeds)

    def _tell(self, feeds: FeedSet) -> None:
        self._show(feeds.states())
        problems = frozenset(feeds.problems)
        for problem in sorted(problems - self._said):
            self._complain(problem)
        self._said = problems


def _feed_set(settings: Settings) -> FeedSet:
    if not settings.feeds:
        return FeedSet(())
    brands = load_packs(settings.brands.directories, settings.brands.enabled)
    return FeedSet(configured_feeds(settings), owned_domains(settings, brands))
