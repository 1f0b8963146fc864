"""What lookups remember: answers while they are valid, and how long DNS was silent."""

import threading
from collections import OrderedDict

from phish_milter.dns.questions import Answer, Question, Status

#: Answers kept; a busy site meets some thousand names in a day.
MAX_ENTRIES = 10_000
#: Characters of all answers kept: a TXT may have 64 kB, and anybody can publish one.
MAX_SIZE = 8_000_000
#: Longest life of an answer, whatever its TTL: keys get revoked (seconds).
MAX_TTL = 86_400.0
#: Longest life of "does not exist": a new key has to be seen soon (seconds).
MAX_NEGATIVE_TTL = 900.0
#: Life of a failure: long enough to take the load of a burst away (RFC 2308 section 7).
UNKNOWN_TTL = 5.0
#: Queries without an answer, one after the other, that raise the suspicion of a dead DNS.
SILENCES = 6
#: Reasons that say nothing about the name, so that nothing is remembered.
_OWN_REASONS = frozenset({"breaker", "budget", "no nameserver"})


class Cache:
    """Answers by question, least recently used leave first; safe for threads."""

    def __init__(self, max_entries: int = MAX_ENTRIES, max_size: int = MAX_SIZE) -> None:
        self._max_entries, self._max_size = max_entries, max_size
        self._size = 0
        self._entries: OrderedDict[Question, tuple[Answer, float]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, question: Question, now: float) -> Answer | None:
        """Return the answer to *question* if it is still valid at *now* (monotonic)."""
        with self._lock:
            answer, until = self._entries.get(question, (None, 0.0))
            if answer is None or until <= now:
                self._drop(question)
                return None
            self._entries.move_to_end(question)
            return answer

    def put(self, question: Question, answer: Answer, ttl: float, now: float) -> None:
        """Remember *answer* for *ttl* seconds from *now*, within our own limits."""
        life = _life(answer, ttl)
        if life <= 0:
            return
        with self._lock:
            self._drop(question)
            self._entries[question] = (answer, now + life)
            self._size += _size(question, answer)
            while len(self._entries) > self._max_entries or self._size > self._max_size:
                self._drop(next(iter(self._entries)))

    def _drop(self, question: Question) -> None:
        answer, _ = self._entries.pop(question, (None, 0.0))
        if answer is not None:
            self._size -= _size(question, answer)


def _size(question: Question, answer: Answer) -> int:
    return len(question.name) + sum(map(len, answer.values))


def _life(answer: Answer, ttl: float) -> float:
    if answer.status is Status.UNKNOWN:
        return 0.0 if answer.reason in _OWN_REASONS else UNKNOWN_TTL
    return min(ttl, MAX_TTL if answer.status is Status.FOUND else MAX_NEGATIVE_TTL)


class Breaker:
    """Counts silences; open means that DNS is taken for dead.  Used on one thread."""

    def __init__(self) -> None:
        self._silences = 0
        self.open = False

    def answered(self) -> None:
        """Some server said something."""
        self._silences = 0
        self.open = False

    def unanswered(self) -> bool:
        """Count a silence; returns whether there were suspiciously many."""
        self._silences += 1
        return self._silences >= SILENCES

    def trip(self) -> None:
        """Take DNS for dead."""
        self.open = True
