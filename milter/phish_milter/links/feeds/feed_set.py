"""
Local lists of bad hosts and URL prefixes: read into little memory, and again when they change.

A line is a host, which stands for its subdomains too, or a host with a path, which stands for that
host and what lies below the path; ``http://`` in front is allowed, ``#`` starts a comment;
``feed_lines`` reads the other forms in which lists are published.  Feeds name whole shared hosts
by mistake now and then; such a line is skipped, and reported.
"""

import os
import re
import threading
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path

from phish_milter.domains import host_lists
from phish_milter.domains.names import parents
from phish_milter.domains.registrable import is_address, public_suffixes
from phish_milter.links import rewriters
from phish_milter.links.feeds.entries import entries_of
from phish_milter.links.model import Link

#: Entries kept of one feed, 8 bytes each in every scanner process, five times that while reading.
MAX_ENTRIES = 2_000_000
#: Lines that are reported one by one; feeds with more have one fault many times.
MAX_PROBLEMS = 20
#: Seconds between two looks at a file.
CHECK_SECONDS = 5.0
#: Larger files are read again in a thread, as no message should wait for them.
INLINE_BYTES = 1_000_000
#: Places in a URL where a listed prefix may end.
MAX_CUTS = 32

_CUT = re.compile(r"[/?#&=]")


@dataclass(frozen=True, slots=True)
class Feed:
    """
    One list and its weight.

    Attributes:
        name: What operators call it.
        path: The file.
        enforce: A link on it may quarantine.
    """

    name: str
    path: Path
    enforce: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """
    A link that stands on a feed.

    Attributes:
        feed: Name of the feed.
        entry: The entry it matched: a host, or a host and a path.
        enforce: Whether the feed is marked so.
    """

    feed: str
    entry: str
    enforce: bool = False


@dataclass(frozen=True, slots=True)
class FeedState:
    """
    What of one feed is in force.

    Attributes:
        name: Name of the feed.
        entries: How many entries.
        modified: When the file they came from was written (Unix time), 0.0 for never.
        ignored: How many lines of the file could not be used, in whole or in part.
    """

    name: str
    entries: int
    modified: float
    ignored: int


@dataclass(frozen=True, slots=True)
class Entries:
    """
    What one feed lists, as sorted hashes that hold in this process only.

    Attributes:
        hashes: Of hosts and of hosts with paths.
        problems: What could not be used, each as ``FILE:LINE: message``, and how much it was.
        ignored: How many lines could not be used, in whole or in part.
    """

    hashes: "array[int]" = field(default_factory=lambda: array("q"))
    problems: tuple[str, ...] = ()
    ignored: int = 0

    def __len__(self) -> int:
        return len(self.hashes)

    def match(self, host: str, path: str, *, whole: bool = True) -> str:
        """
        Return the entry that lists the URL at *host* and *path*, "" when there is none.

        Entries for hosts as a whole count only if *whole* is set.
        """
        for key in _keys(host, path, whole=whole):
            wanted = hash(key)
            at = bisect_left(self.hashes, wanted)
            if at < len(self.hashes) and self.hashes[at] == wanted:
                return key
        return ""


def _keys(host: str, path: str, *, whole: bool) -> Iterator[str]:
    """Yield what a line would have to say to list this URL."""
    if whole:
        yield from parents(host) if not is_address(host) else (host,)
    tail = path.rstrip("/")
    if tail:
        yield host + tail
        for cut in islice(_CUT.finditer(tail, 1), MAX_CUTS):
            yield host + tail[: cut.start()]


def read(path: Path, shared: Collection[str]) -> Entries:
    """
    Read the feed at *path*; hosts in *shared* are not listed as a whole.

    Raises:
        OSError: The file cannot be read, or changed meanwhile.
    """
    found: array[int] = array("q")
    problems: list[str] = []
    ignored = 0
    with path.open("rb") as file:
        before = os.fstat(file.fileno())
        for number, raw in enumerate(file, start=1):
            if len(found) >= MAX_ENTRIES:
                problems.append(f"{path}:{number}: more than {MAX_ENTRIES} entries, rest left out")
                break
            entries, faults = entries_of(raw, shared)
            found.extend(map(hash, entries))
            ignored += bool(faults)
            told = faults[: MAX_PROBLEMS - len(problems)]
            problems.extend(f"{path}:{number}: {fault}" for fault in told)
        after = os.fstat(file.fileno())
    if _mark(before) != _mark(after):
        raise OSError(f"{path}: changed while it was read")
    if ignored:
        problems.append(f"{path}: {ignored} lines ignored")
    return Entries(array("q", sorted(found)), tuple(problems), ignored)


@lru_cache(maxsize=1)
def shipped_shared_hosts() -> frozenset[str]:
    """
    Return hosts that belong to many people: suffixes, platforms, shorteners and their parents.

    A host above a shared one is shared as well: ``google.com`` holds ``docs.google.com``.
    """
    known: Iterable[str] = (
        *host_lists.free_hosting().prefixes,
        *host_lists.shorteners().prefixes,
        *host_lists.trackers().prefixes,
        *rewriters.shipped(),
        *host_lists.crowded_hosts().prefixes,
    )
    return public_suffixes() | {name for host in known for name in parents(host)}


@dataclass(slots=True)
class _Watched:
    """One feed with what is in force, and the file it came from."""

    feed: Feed
    entries: Entries = field(default_factory=Entries)
    mark: tuple[int, ...] = ()
    problem: str = ""
    reading: threading.Thread | None = None


class FeedSet:
    """
    All feeds of one process.

    A file that is missing, unreadable, empty or changing leaves the entries as they are.

    Args:
        feeds: The feeds.
        own: Domains that are never listed, subdomains included: those of the brands and
            of the site.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        feeds: Sequence[Feed],
        own: Collection[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._watched = [_Watched(feed) for feed in feeds]
        self._own = frozenset(own)
        self._clock = clock
        self._shared: frozenset[str] = frozenset()
        if feeds:
            above = {name for host in self._own for name in parents(host)}
            self._shared = shipped_shared_hosts() | above
        self._next = 0.0
        self.refresh(wait=True)

    def matches(self, host: str, path: str = "/") -> Listing | None:
        """Return where the URL at *host* with *path* is listed, enforced feeds first."""
        found = [
            Listing(w.feed.name, entry, w.feed.enforce)
            for w in self._watched
            if (entry := self._match(w.entries, host, path))
        ]
        return max(found, key=lambda listing: listing.enforce, default=None)

    def listings(self, links: Iterable[Link]) -> tuple[Listing, ...]:
        """
        Return where *links* lead to something listed, each entry once.

        Quoted links do not count, nor do hosts that text only mentions.
        """
        if not any(len(w.entries) for w in self._watched):
            return ()
        found = (
            self.matches(host, path)
            for link in links
            if link.host and not link.quoted and not link.is_mention
            for host, path in ((link.host, link.path), *((c, "/") for c in link.candidates))
        )
        return tuple(dict.fromkeys(listing for listing in found if listing is not None))

    def _match(self, entries: Entries, host: str, path: str) -> str:
        if not len(entries):
            return ""
        return entries.match(host, path, whole=self._own.isdisjoint(parents(host)))

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the files, as far as it is known now."""
        return tuple(
            problem
            for w in self._watched
            for problem in (*((w.problem,) if w.problem else ()), *w.entries.problems)
        )

    def states(self) -> tuple[FeedState, ...]:
        """Return what of each feed is in force."""
        return tuple(
            FeedState(
                w.feed.name,
                len(w.entries),
                w.mark[1] / 1e9 if w.mark else 0.0,
                w.entries.ignored,
            )
            for w in self._watched
        )

    def refresh(self, *, wait: bool = False) -> None:
        """
        Look at the files, at most every few seconds, and read what has changed.

        Large files are read in a thread unless *wait* is set.
        """
        if not self._watched or (not wait and self._clock() < self._next):
            return
        self._next = self._clock() + CHECK_SECONDS
        for watched in self._watched:
            if watched.reading is None or not watched.reading.is_alive():
                self._refresh(watched, wait=wait)

    def join(self, seconds: float) -> None:
        """Wait for files that are being read, at most *seconds* for each."""
        for watched in self._watched:
            if watched.reading is not None:
                watched.reading.join(seconds)

    def _refresh(self, watched: _Watched, *, wait: bool) -> None:
        try:
            status = watched.feed.path.stat()
        except OSError as error:
            watched.problem = f"{watched.feed.path}: {error.strerror}; the old entries stay"
            return
        if _mark(status) == watched.mark:
            return
        if wait or status.st_size <= INLINE_BYTES:
            self._read(watched, status)
        else:
            watched.reading = threading.Thread(
                target=self._read, args=(watched, status), name="feed", daemon=True
            )
            watched.reading.start()

    def _read(self, watched: _Watched, status: os.stat_result) -> None:
        path = watched.feed.path
        if status.st_size == 0 and len(watched.entries):
            watched.problem = f"{path}: is empty; the old entries stay"
            return
        try:
            watched.entries = read(path, self._shared)
        except OSError as error:
            watched.problem = f"{path}: {error.strerror or error}; the old entries stay"
            return
        watched.mark, watched.problem = _mark(status), ""


def _mark(status: os.stat_result) -> tuple[int, ...]:
    """Return what changes when a file is written or replaced."""
    return status.st_ino, status.st_mtime_ns, status.st_size
