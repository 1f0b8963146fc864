"""What a connection does when libmilter refuses what it is told."""

from collections.abc import Iterator

import Milter
import pytest

from phish_milter.authentication.verify import Rules
from phish_milter.daemon.gateway import Session
from phish_milter.daemon.handler import Handler
from phish_milter.dns.resolver import Resolver
from phish_milter.policy.outcome import Outcome
from phish_milter.scanning.origin_lookups import OriginLookups
from phish_milter.scanning.pool import PoolLimits, ScannerPool
from phish_milter.scanning.runtime import ActiveRuntime, Runtime
from phish_milter.settings.model import Settings
from support.scanners import OrderedScanner


class Libmilter:
    """The connection as libmilter has it, which takes *willing* edits and refuses the next one."""

    def __init__(self, willing: int) -> None:
        self.willing, self.refused = willing, False
        self.edits: list[tuple[str, str, int]] = []

    def addheader(self, name: str, _value: str, index: int) -> None:
        self._edit(("add", name, index))

    def chgheader(self, name: str, index: int, _value: str) -> None:
        self._edit(("delete", name, index))

    def getsymval(self, _macro: str) -> str:
        return ""

    def _edit(self, edit: tuple[str, str, int]) -> None:
        if len(self.edits) == self.willing and not self.refused:
            self.refused = True
            raise Milter.error("cannot edit")
        self.edits.append(edit)


@pytest.fixture(scope="module")
def pool() -> Iterator[ScannerPool]:
    pool = ScannerPool(OrderedScanner, ("pypi",), PoolLimits(1, 400 * 1024 * 1024, 4))
    pool.start()
    yield pool
    pool.stop()


WANTED = [
    ("delete", "X-Phish-Milter-Verdict", 2),
    ("delete", "X-Phish-Milter-Verdict", 1),
    ("add", "X-Phish-Milter-Findings", 0),
    ("add", "X-Phish-Milter-Verdict", 0),
]


@pytest.mark.parametrize(
    ("willing", "on_failure", "answer", "failure"),
    [
        (4, "tag", Milter.ACCEPT, ""),
        (3, "tag", Milter.ACCEPT, "gateway"),  # the last one fails; what is ours may stay
        (1, "tag", Milter.ACCEPT, "gateway"),  # one of theirs is gone, the other is number 1 now
        (0, "tag", Milter.ACCEPT, "gateway"),
        (1, "defer", Milter.TEMPFAIL, "gateway"),
    ],
)
def test_no_edit_is_made_twice(
    pool: ScannerPool, willing: int, on_failure: str, answer: int, failure: str
) -> None:
    settings = Settings.model_validate({"policy": {"on_failure": on_failure}})
    origin_lookups = OriginLookups(Resolver(["127.0.0.1"]), Rules("never"))
    told: list[Outcome] = []
    session = Session(
        Handler(ActiveRuntime(Runtime(settings, pool, origin_lookups, 1)), (told.append,))
    )
    libmilter = Libmilter(willing)
    actions = Milter.ADDHDRS | Milter.CHGHDRS
    vars(session).update(_ctx=libmilter, _actions=actions, _protocol=0)

    session.envfrom(b"<a@example.org>")
    for name, value in (("X-Phish-Milter-Verdict", b" x"),) * 2 + (("X-Order", b" tag"),):
        session.header(name, value)

    assert session.eom() == answer
    assert libmilter.edits == WANTED[:willing]
    assert [outcome.failure or "" for outcome in told] == [failure]
