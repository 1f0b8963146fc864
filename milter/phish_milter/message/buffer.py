"""Collect a message in bounded memory: its start and its end, whatever its size."""

from collections import deque

from phish_milter.message.limits import DEFAULT, TAIL_BYTES


class BodyBuffer:
    """
    Collects chunks and keeps the first *max_bytes* and the last *tail_bytes* of them.

    ``take()`` is what ``parse`` would look at itself, so buffering changes no verdict.
    Memory is bounded by ``max_bytes + tail_bytes`` and one chunk. To count the header
    into the budget, add it as the first chunk or lower *max_bytes* by its length.

    >>> buffer = BodyBuffer(max_bytes=4, tail_bytes=2)
    >>> for chunk in (b"abc", b"def", b"ghi"):
    ...     buffer.add(chunk)
    >>> buffer.take(), buffer.truncated, buffer.seen_bytes
    (b'abcdhi', True, 9)
    """

    def __init__(self, max_bytes: int = DEFAULT.max_bytes, tail_bytes: int = TAIL_BYTES) -> None:
        self._room = max(max_bytes, 0)
        self._tail_bytes = tail_bytes
        self._head: list[bytes] = []
        self._tail: deque[bytes] = deque()
        self._tail_size = 0
        self.seen_bytes = 0
        self.truncated = False

    def add(self, chunk: bytes) -> None:
        """Append *chunk*; what fits neither start nor end is forgotten."""
        self.seen_bytes += len(chunk)
        if self._room:
            head = chunk[: self._room]
            self._head.append(head)
            self._room -= len(head)
            chunk = chunk[len(head) :]
        if chunk:
            self._tail.append(chunk)
            self._tail_size += len(chunk)
            self._forget()

    def _forget(self) -> None:
        while self._tail_size > self._tail_bytes:
            excess = self._tail_size - self._tail_bytes
            first = self._tail.popleft()
            self.truncated = True
            if len(first) > excess:
                self._tail.appendleft(first[excess:])
            self._tail_size -= min(excess, len(first))

    def take(self) -> bytes:
        """Return what was kept, start and end joined without a gap."""
        return b"".join((*self._head, *self._tail))
