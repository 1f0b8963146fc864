#!/usr/bin/env python3
"""
Judge mail whose right treatment is known, and hold the result against the limits of the project.

The lab's mails are judged twice, without verification and with it, against a name server of
their own; the folders of failed cases with it, each against its own; the corpora of real mail
without.  All figures end in one table.  Exit status 1 where a limit is broken.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import ablation
import corpora
from corpus_table import Row, because, misses, rows, table
from lab_site import judged, lab_settings, name_server
from phish_milter.cli.tables import print_tables
from phish_milter.evaluation.cases import ATTACK, Case
from phish_milter.evaluation.figures import measure
from phish_milter.findings import Finding
from phish_milter.message.model import Envelope
from phish_milter.policy.decision import Action
from phish_milter.policy.outcome import Scan
from phish_milter.scanning.judge import judge
from phish_milter.scanning.pipeline import Pipeline
from phish_milter.settings.load import parse_settings
from phish_milter.settings.model import Settings
from phish_milter.text.escaping import show

# What the project promises about mail it has not seen.
LEAST_CAUGHT = 0.97
LEAST_AGREES = 0.97
MOST_HAM_TAGGED = 1 / 1000

# Folders of failed cases below ``SHARED/cases``, besides that one itself.
CASE_FOLDERS = ("redteam", "whitebox", "corpora")

GENUINE = "genuine"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one part of the run found: its rows of the table, and every limit it breaks."""

    figures: tuple[Row, ...]
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Corpus:
    """Figures about one corpus; *by_suspicion* needed no brand to be tagged."""

    label: str
    n: int
    actions: Counter[Action]
    by_suspicion: int
    mean_ms: float
    slowest_ms: float

    @property
    def tagged(self) -> int:
        """Messages that are tagged or worse."""
        return sum(n for action, n in self.actions.items() if action >= Action.TAG)

    @property
    def stopped(self) -> int:
        """Messages that are held or refused."""
        return sum(n for action, n in self.actions.items() if action >= Action.QUARANTINE)


def judge_lab(lab: Path, verify: str, port: int, *, tables: bool) -> Judgement:
    """Judge the lab's mails; the misses of a few in a hundred are told as broken limits."""
    trials = judged(lab / "manifest.jsonl", lab_settings(lab, verify, port))
    where = f"lab, verify = {verify}"
    if tables:
        print(f"\n{where}")
        print_tables(measure(trials))
    broken = lab_limits(trials, where, verified=verify == "always")
    return Judgement(tuple(rows(where, trials)), tuple(broken))


def judge_cases(lab: Path, folder: Path) -> Iterator[Row]:
    """Judge the cases in *folder* and print what went wrong, kind by kind; yields its rows."""
    where = f"cases/{folder.name}" if folder.name != "cases" else "cases"
    manifest, zone = folder / "cases.jsonl", folder / "zone.json"
    if not (manifest.is_file() and zone.is_file()):
        print(f"\n{where}: not there, skipped")
        return
    with name_server(lab, zone) as port:
        trials = judged(manifest, lab_settings(lab, "always", port))
    wrong = list(misses(trials))
    print(f"\n{where}, verify = always: {'what went wrong' if wrong else 'nothing went wrong'}")
    print("\n".join(wrong))
    yield from rows(where, trials)


def lab_limits(cases: Sequence[Case], where: str, *, verified: bool) -> Iterator[str]:
    """Yield every limit that *cases* break; proof is expected only where it was *verified*."""
    attacks = [t for t in cases if t.expected.kind == ATTACK]
    judged = cases if verified else attacks
    if _share(attacks, lambda t: t.caught) < LEAST_CAUGHT:
        yield f"{where}: fewer than {LEAST_CAUGHT:.0%} of the attacks caught"
    if _share(judged, lambda t: t.agrees) < LEAST_AGREES:
        yield f"{where}: fewer than {LEAST_AGREES:.0%} of the verdicts as expected"
    for t in cases:
        file = show(t.expected.file)
        if t.action is None:
            yield f"{where}: {file} was not scanned"
        if t.harmed:
            yield f"{where}: {file} harmed ({t.action}): {because(t)}"
        if t.action is Action.ACCEPT and t.expected.at_least != "accept":
            yield f"{where}: {file} not even tagged: {because(t)}"
        proved = t.brand_verdict == GENUINE
        right = t.expected.brand_verdicts
        if proved and right and GENUINE not in right:
            yield f"{where}: {file} is taken for genuine: {because(t)}"
        if verified and right == (GENUINE,) and not proved:
            yield f"{where}: {file} is genuine and not recognised: {because(t)}"


def _share(cases: Sequence[Case], right: Callable[[Case], bool]) -> float:
    return sum(map(right, cases)) / len(cases) if cases else 1.0


def judge_corpus(label: str, archives: Path, unpacked: Path | None) -> Corpus:
    """Judge one corpus of real mail and print what would be done to legitimate mail."""
    settings = parse_settings('[authentication]\nverify = "never"', Path("corpus"))
    settings = settings.with_ceiling("reject")
    pipeline, envelope = Pipeline(settings), Envelope()
    actions: Counter[Action] = Counter()
    seconds: list[float] = []
    by_suspicion = 0
    for name, raw in corpora.mails(label, archives, unpacked):
        started = time.process_time()
        scan = pipeline.scan(raw, envelope)
        verdict = judge(scan, envelope, settings)
        seconds.append(time.process_time() - started)
        actions[verdict.action] += 1
        by_suspicion += _suspected(scan, settings)
        if label == "ham" and verdict.action >= Action.TAG:
            fired = ", ".join(f.finding.symbol.name for f in verdict.findings)
            print(f"  {verdict.action}: {show(name)}: {fired}")
    mean = sum(seconds) / max(len(seconds), 1)
    slowest = max(seconds, default=0.0)
    return Corpus(label, len(seconds), actions, by_suspicion, mean * 1000, slowest * 1000)


def _suspected(scan: Scan, settings: Settings) -> bool:
    """Whether suspicions alone, which no brand is needed for, reach a tag."""
    suspicions: dict[str, Finding] = {f.symbol.name: f for f in scan.findings if f.brand is None}
    policy = settings.policy_values()
    return sum(map(policy.score, suspicions.values())) >= policy.tag


def corpus_limits(corpus: Corpus) -> Iterator[str]:
    """Yield every limit that a corpus breaks; there are limits for legitimate mail only."""
    if corpus.label != "ham":
        return
    if corpus.tagged > corpus.n * MOST_HAM_TAGGED:
        yield f"corpora: {corpus.tagged} of {corpus.n} legitimate mails tagged"
    if corpus.stopped:
        yield f"corpora: {corpus.stopped} legitimate mails held or refused"


def judge_corpora(archives: Path, unpacked: Path | None) -> Judgement:
    """Judge all corpora that are there."""
    print("\ncorpora, verify = never")
    figures: list[Row] = []
    broken: list[str] = []
    for label in ("ham", "phish", "mime"):
        corpus = judge_corpus(label, archives, unpacked)
        if not corpus.n:
            print(f"  {label:<6} not there, skipped")
            continue
        told = f"by suspicion alone {corpus.by_suspicion / corpus.n:.1%} tagged"
        cost = f"mean {corpus.mean_ms:.1f} ms, slowest {corpus.slowest_ms:.0f} ms"
        print(f"  {label:<6}{corpus.n:>5}: {told}; {cost}")
        figures.append(Row("corpora", label, corpus.n, corpus.tagged, corpus.stopped))
        broken += corpus_limits(corpus)
    return Judgement(tuple(figures), tuple(broken))


def leave_out(lab: Path, port: int) -> None:
    """Print what each check, wording and weight is worth to the attacks of the lab."""
    settings = lab_settings(lab, "always", port)
    trials = judged(lab / "manifest.jsonl", settings)
    print("\n".join(ablation.table(list(ablation.ablations(trials, settings)))))


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path, nargs="?", default=Path("../shared"))
    parser.add_argument(
        "--corpora", type=Path, help="corpora already unpacked: DIR/{ham,phish,mime}"
    )
    parser.add_argument("--lab-only", action="store_true", help="leave cases and corpora alone")
    parser.add_argument("--tables", action="store_true", help="with the tables of evaluate")
    parser.add_argument(
        "--leave-out", action="store_true", help="only the ablation of docs/tuning.md"
    )
    return parser.parse_args(words)


def main(*words: str) -> int:
    """Return the exit status: 1 where a limit is broken."""
    options = arguments(words)
    lab = options.shared / "lab"
    if not (lab / "manifest.jsonl").is_file():
        print(f"corpus: no development mails in {options.shared}; skipped")
        return 0
    with name_server(lab, lab / "zone.json") as port:
        if options.leave_out:
            leave_out(lab, port)
            return 0
        done = [
            judge_lab(lab, verify, port, tables=options.tables) for verify in ("never", "always")
        ]
    if not options.lab_only:
        cases = options.shared / "cases"
        folders = (cases, *(cases / name for name in CASE_FOLDERS))
        done += [Judgement(tuple(judge_cases(lab, folder))) for folder in folders]
        done.append(judge_corpora(options.shared / "corpora", options.corpora))
    return conclude(done)


def conclude(done: Sequence[Judgement]) -> int:
    """Print the table of all figures and every broken limit; returns the exit status."""
    print()
    print("\n".join(table(row for part in done for row in part.figures)))
    broken = [limit for part in done for limit in part.broken]
    print()
    print("\n".join(f"BROKEN {limit}" for limit in broken) or "all limits kept")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
