"""
Scan mail whose right treatment is known, and judge it again under other settings.

``run()`` scans a manifest; ``rejudged()`` replays the verdict of a finished scan, which costs
microseconds where a scan costs milliseconds.
"""

import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from phish_milter.evaluation.mail_files import Judged, MailFile, Unreadable, examine_one, mail_of
from phish_milter.evaluation.manifest import Expectation
from phish_milter.policy.decision import Action, ScoredFinding
from phish_milter.scanning.judge import judge
from phish_milter.scanning.pipeline import Pipeline
from phish_milter.settings.model import Settings

# Below this starting processes takes longer than scanning.
ALONE = 50
_CHUNK = 8

ATTACK, LEGIT = "attack", "legit"


@dataclass(frozen=True, slots=True)
class Case:
    """One file with what was expected and what came of it."""

    expected: Expectation
    result: Judged | Unreadable

    @property
    def action(self) -> Action | None:
        """What would be done, None where the file was not scanned."""
        return self.result.verdict.action if isinstance(self.result, Judged) else None

    @property
    def caught(self) -> bool:
        """Whether the action is at least what was expected."""
        return self.action is not None and self.action >= Action.parse(self.expected.at_least)

    @property
    def harmed(self) -> bool:
        """Whether the action is more than what is right."""
        return self.action is not None and self.action > Action.parse(self.expected.at_most)

    @property
    def brand_verdict(self) -> str:
        """Verdict on the brand the expectation is about, ``none`` without one."""
        if isinstance(self.result, Unreadable):
            return "none"
        brands = self.result.verdict.brands
        return next((str(b.verdict) for b in brands if b.brand == self.expected.brand), "none")

    @property
    def agrees(self) -> bool:
        """Whether the brand verdict is one of those expected."""
        right = self.expected.brand_verdicts
        return self.action is not None and (not right or self.brand_verdict in right)

    @property
    def right(self) -> bool:
        """Whether action and brand verdict are as expected."""
        return self.caught and not self.harmed and self.agrees

    @property
    def score(self) -> float | None:
        """The score, None where the file was not scanned."""
        return self.result.verdict.score if isinstance(self.result, Judged) else None

    @property
    def brand_verdicts(self) -> tuple[str, ...]:
        """All verdicts, each as ``brand verdict``."""
        if isinstance(self.result, Unreadable):
            return ()
        return tuple(f"{b.brand} {b.verdict}" for b in self.result.verdict.brands)

    @property
    def findings(self) -> tuple[ScoredFinding, ...]:
        """What was found and counted, none where the file was not scanned."""
        return self.result.verdict.findings if isinstance(self.result, Judged) else ()

    @property
    def strongest(self) -> list[ScoredFinding]:
        """The findings, those that weigh most first."""
        return sorted(self.findings, key=lambda item: abs(item.score), reverse=True)

    @property
    def symbols(self) -> frozenset[str]:
        """Names of the symbols that fired."""
        return frozenset(item.finding.symbol.name for item in self.findings)


def run(manifest: Path, entries: Sequence[Expectation], settings: Settings) -> list[Case]:
    """Scan all files of *manifest*, on all CPUs where that pays, in their order."""
    mails = [mail_of(entry, manifest) for entry in entries]
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        results = progress.track(_results(mails, settings), len(mails), description="scanning")
        return [Case(entry, result) for entry, result in zip(entries, results, strict=True)]


def rejudged(case: Case, settings: Settings) -> Case:
    """Return what *case* becomes under the policy of *settings*; the mail is not read again."""
    if isinstance(case.result, Unreadable):
        return case
    verdict = judge(case.result.scan, case.expected.envelope, settings)
    return replace(case, result=replace(case.result, verdict=verdict))


def _results(mails: Sequence[MailFile], settings: Settings) -> Iterator[Judged | Unreadable]:
    processes = settings.scanner.processes
    if processes == 1 or len(mails) < ALONE:
        pipeline = Pipeline(settings)
        yield from (examine_one(mail, pipeline, settings) for mail in mails)
        return
    Pipeline(settings)  # what is wrong with the brand packs shows here, in words
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(processes, context, _Worker.start, (settings,)) as pool:
        yield from pool.map(_Worker.examine, mails, repeat(settings), chunksize=_CHUNK)


class _Worker:
    """A process that scans; it builds its scanner once."""

    pipeline: Pipeline

    @classmethod
    def start(cls, settings: Settings) -> None:
        cls.pipeline = Pipeline(settings)

    @classmethod
    def examine(cls, mail: MailFile, settings: Settings) -> Judged | Unreadable:
        return examine_one(mail, cls.pipeline, settings)
