#!/usr/bin/env python3
"""
Judge mail whose right treatment is known, and hold the result against the limits of the project.

The lab's mails are judged twice, without verification and with it, against a name server of
their own; the corpora of real mail without.  Exit status 1 where a limit is broken.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import ablation
import corpora
from phish_milter.cli.tables import print_tables
from phish_milter.evaluation.cases import ATTACK, Case, run
from phish_milter.evaluation.figures import TOLD_FINDINGS, measure, percent
from phish_milter.evaluation.manifest import read_manifest
from phish_milter.findings import Finding
from phish_milter.message.model import Envelope
from phish_milter.policy.decision import Action
from phish_milter.policy.outcome import Scan
from phish_milter.scanning.judge import judge
from phish_milter.scanning.pipeline import Pipeline
from phish_milter.settings.load import parse_settings
from phish_milter.settings.model import Settings
from phish_milter.text.escaping import present, show

# What the project promises about mail it has not seen.
LEAST_CAUGHT = 0.97
LEAST_AGREES = 0.97
MOST_HAM_TAGGED = 1 / 1000

PATIENCE_SECONDS = 10.0
GENUINE = "genuine"


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


def lab_settings(lab: Path, verify: str, port: int) -> Settings:
    """Return the settings of the site that the lab's mails came to, ceiling ``reject``."""
    site = json.loads((lab / "lab.json").read_text())
    text = (  # strings and arrays of JSON are TOML, too
        f"[site]\nauthserv_id = {json.dumps(site['authserv_id'])}\n"
        f"domains = {json.dumps(site['local_domains'])}\n"
        f"role_addresses = {json.dumps(site['role_recipients'])}\n"
        f'[dns]\nnameservers = ["127.0.0.1"]\nport = {port}\n'
        f"[authentication]\nverify = {json.dumps(verify)}\n"
        f"trusted_arc_sealers = {json.dumps(site['trusted_arc_sealers'])}\n"
    )
    return parse_settings(text, lab / "lab.json").with_ceiling("reject")


@contextmanager
def name_server(lab: Path) -> Iterator[int]:
    """Run the lab's name server; yields its port."""
    with socket(AF_INET, SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, *map(str, (lab / "dns_server.py", lab / "zone.json"))]
    command += ["--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        if not (server.stdout and server.stdout.readline()):  # it tells when it is ready
            raise SystemExit("corpus: the lab's name server does not start")
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)


def judge_lab(lab: Path, verify: str, port: int, *, tables: bool) -> Iterator[str]:
    """Print how the lab's mails fare; yields every limit that is broken."""
    cases = run_lab(lab, lab_settings(lab, verify, port))
    result = measure(cases)
    print(f"\nlab, verify = {verify}")
    if tables:
        print_tables(result)
    for t in result.totals:
        caught = f"caught {t.caught} ({percent(t.caught / t.n)}), " if t.kind == ATTACK else ""
        told = f"tagged or worse {t.tagged}, harmed {t.harmed}, verdicts as expected {t.agrees}"
        print(f"  {t.kind:<11}{t.n:>4}: {caught}{told}")
    yield from lab_limits(cases, f"lab, verify = {verify}", verified=verify == "always")


def run_lab(lab: Path, settings: Settings) -> list[Case]:
    """Return what became of the lab's mails."""
    manifest = lab / "manifest.jsonl"
    return run(manifest, read_manifest(manifest), settings)


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
            yield f"{where}: {file} harmed ({t.action}): {_because(t)}"
        if t.action is Action.ACCEPT and t.expected.at_least != "accept":
            yield f"{where}: {file} not even tagged: {_because(t)}"
        proved = t.brand_verdict == GENUINE
        right = t.expected.brand_verdicts
        if proved and right and GENUINE not in right:
            yield f"{where}: {file} is taken for genuine: {_because(t)}"
        if verified and right == (GENUINE,) and not proved:
            yield f"{where}: {file} is genuine and not recognised: {_because(t)}"


def _share(cases: Sequence[Case], right: Callable[[Case], bool]) -> float:
    return sum(map(right, cases)) / len(cases) if cases else 1.0


def _because(case: Case) -> str:
    told = [
        f"{item.finding.symbol.name} {present(item.finding.evidence, 60)}"
        for item in case.strongest[:TOLD_FINDINGS]
    ]
    return "; ".join(told) or "nothing was found"


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


def judge_corpora(archives: Path, unpacked: Path | None) -> Iterator[str]:
    """Judge all corpora that are there; yields every limit that is broken."""
    print("\ncorpora, verify = never")
    for label in ("ham", "phish", "mime"):
        corpus = judge_corpus(label, archives, unpacked)
        if not corpus.n:
            print(f"  {label:<6} not there, skipped")
            continue
        shares = f"tagged or worse {corpus.tagged} ({corpus.tagged / corpus.n:.2%})"
        told = f"{shares}, by suspicion alone {corpus.by_suspicion / corpus.n:.1%}"
        cost = f"mean {corpus.mean_ms:.1f} ms, slowest {corpus.slowest_ms:.0f} ms"
        print(f"  {label:<6}{corpus.n:>5}: {told}, held or refused {corpus.stopped}; {cost}")
        yield from corpus_limits(corpus)


def leave_out(lab: Path, port: int) -> None:
    """Print what each check, wording and weight is worth to the attacks of the lab."""
    settings = lab_settings(lab, "always", port)
    rows = list(ablation.ablations(run_lab(lab, settings), settings))
    print("\n".join(ablation.table(rows)))


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path, nargs="?", default=Path("../shared"))
    parser.add_argument(
        "--corpora", type=Path, help="corpora already unpacked: DIR/{ham,phish,mime}"
    )
    parser.add_argument("--lab-only", action="store_true", help="leave the corpora alone")
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
    broken: list[str] = []
    with name_server(lab) as port:
        if options.leave_out:
            leave_out(lab, port)
            return 0
        for verify in ("never", "always"):
            broken += judge_lab(lab, verify, port, tables=options.tables)
    if not options.lab_only:
        broken += judge_corpora(options.shared / "corpora", options.corpora)
    print(
        "\n" + "\n".join(f"BROKEN {limit}" for limit in broken) if broken else "\nall limits kept"
    )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
