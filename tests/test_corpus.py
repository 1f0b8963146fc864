"""The corpus run: its limits break when they should, and it reads mail as SMTP would bring it."""

import io
import tarfile
from collections import Counter
from pathlib import Path

import pytest

import corpora
import corpus
import corpus_table
import lab_site
from phish_milter.evaluation.cases import Case
from phish_milter.policy.decision import Action
from support.cases import case

CAUGHT = case("attack", "reject", at_least="quarantine", at_most="reject")
MISSED = case("attack", "tag", at_least="quarantine", at_most="reject")
UNTAGGED = case("attack", "accept", at_least="tag", at_most="reject")
FINE = case("legit", "accept", at_least="accept", at_most="accept")
HARMED = case("legit", "quarantine", at_least="accept", at_most="tag")
LOST = case("robustness", "unreadable", at_least="accept", at_most="tag")
FOOLED = case("attack", "reject", at_least="tag", at_most="reject", verdict="genuine")


def proved(verdict: str) -> Case:
    done = case("legit", "accept", at_least="accept", at_most="accept", verdict=verdict)
    expected = done.expected.model_copy(update={"brand_verdict": "genuine"})
    return Case(expected, done.result)


@pytest.mark.parametrize(
    ("cases", "verified", "broken"),
    [
        ([CAUGHT] * 97 + [MISSED] * 3 + [FINE], True, []),  # exactly what is promised
        ([CAUGHT] * 96 + [MISSED] * 4, True, ["fewer than 97% of the attacks caught"]),
        ([CAUGHT] * 99 + [UNTAGGED], True, ["not even tagged"]),
        ([FINE] * 999 + [HARMED], True, ["harmed (quarantine)"]),  # one is too many
        ([FINE] * 99 + [LOST], True, ["was not scanned"]),
        ([CAUGHT] * 99 + [FOOLED], True, ["is taken for genuine"]),
        ([proved("genuine")], True, []),
        ([FINE] * 99 + [proved("unverifiable")], True, ["is genuine and not recognised"]),
        ([FINE] * 99 + [proved("unverifiable")], False, []),  # nobody looked
        ([FINE] * 9 + [proved("unverifiable")], False, []),
        ([FINE] * 9 + [FOOLED], True, ["of the verdicts", "taken for genuine"]),
        ([], True, []),
    ],
)
def test_limits_of_the_lab(cases: list[Case], verified: bool, broken: list[str]) -> None:
    told = list(corpus.lab_limits(cases, "lab", verified=verified))

    assert len(told) == len(broken)
    assert all(part in line for part, line in zip(broken, told, strict=True))


@pytest.mark.parametrize(
    ("label", "actions", "broken"),
    [
        ("ham", {Action.ACCEPT: 999, Action.TAG: 1}, 0),
        ("ham", {Action.ACCEPT: 998, Action.TAG: 2}, 1),
        ("ham", {Action.ACCEPT: 9999, Action.QUARANTINE: 1}, 1),  # few, and yet not to be held
        ("phish", {Action.REJECT: 10}, 0),  # no limit for these
    ],
)
def test_limits_of_the_corpora(label: str, actions: dict[Action, int], broken: int) -> None:
    counts = Counter(actions)
    result = corpus.Corpus(label, counts.total(), counts, 0, 1.0, 1.0)

    assert len(list(corpus.corpus_limits(result))) == broken


def test_mails_come_from_archives_and_from_folders(tmp_path: Path) -> None:
    raw = b"From: a@example.org\nSubject: x\r\n\nhello\n"
    (tmp_path / "open/ham/list").mkdir(parents=True)
    (tmp_path / "open/ham/list/1.eml").write_bytes(raw)
    with tarfile.open(tmp_path / "ham.tar.xz", "w:xz") as archive:
        member = tarfile.TarInfo("ham/list/1.eml")
        member.size = len(raw)
        archive.addfile(member, io.BytesIO(raw))

    packed = list(corpora.mails("ham", tmp_path, None))

    expected = b"From: a@example.org\r\nSubject: x\r\n\r\nhello\r\n"
    assert packed == [("ham/list/1.eml", expected)]
    assert list(corpora.mails("ham", tmp_path, tmp_path / "open")) == packed
    assert list(corpora.mails("phish", tmp_path, None)) == []


def test_real_mail_is_judged_without_a_brand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "ham"
    folder.mkdir()
    (folder / "plain.eml").write_text("From: a@example.org\nSubject: lunch\n\nAt noon?\n")
    (folder / "odd.eml").write_text(
        "From: a@example.org\nSubject: see\n\nhttp://login.example.org@198.51.100.7/%70%61ge\n"
    )

    result = corpus.judge_corpus("ham", tmp_path, tmp_path)

    assert (result.n, result.by_suspicion, result.stopped) == (2, 1, 0)
    assert capsys.readouterr().out.startswith("  tag: ham/odd.eml: ")


def test_without_the_development_mails_there_is_nothing_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert corpus.main(str(tmp_path)) == 0
    assert "skipped" in capsys.readouterr().out


def test_the_sites_settings_are_those_of_the_lab(tmp_path: Path) -> None:
    (tmp_path / "lab.json").write_text(
        '{"authserv_id": "mx.example.net", "local_domains": ["example.net"],'
        ' "role_recipients": ["abuse@example.net"], "trusted_arc_sealers": []}'
    )

    settings = lab_site.lab_settings(tmp_path, "always", 5300)

    assert settings.site.domains == ("example.net",)
    assert settings.authentication.verify == "always"
    assert (settings.dns.port, settings.policy.ceiling) == (5300, "reject")


def test_one_table_holds_the_figures_of_everything() -> None:
    figures = [*corpus_table.rows("cases", [CAUGHT, MISSED, FINE, HARMED])]
    figures.append(corpus_table.Row("corpora", "ham", 1000, 1, 0))

    head, attack, legit, ham = (line.split() for line in corpus_table.table(figures))

    assert head[:5] == ["set", "kind", "n", "as", "expected"]
    assert attack == [
        "cases",
        "attack",
        "2",
        "1",
        "(50.0%)",
        "2",
        "(100.0%)",
        "1",
        "(50.0%)",
        "0",
        "(0.0%)",
        "2",
        "(100.0%)",
    ]
    assert legit == [
        "cases",
        "legit",
        "2",
        "2",
        "(100.0%)",
        "1",
        "(50.0%)",
        "1",
        "(50.0%)",
        "1",
        "(50.0%)",
        "2",
        "(100.0%)",
    ]
    assert ham == ["corpora", "ham", "1000", "-", "1", "(0.1%)", "0", "(0.0%)", "-", "-"]


def test_misses_are_told_family_by_family() -> None:
    told = list(corpus_table.misses([CAUGHT, UNTAGGED, FINE, HARMED, LOST]))

    assert told[0] == "  fam: 3 of 5 wrong"
    assert told[1] == "    missed attack-accept.eml: accept at 5; nothing was found"
    assert told[2].startswith("    harmed legit-quarantine.eml: quarantine at 5; LOOKALIKE_LINK ")
    assert told[3].startswith("    missed robustness-unreadable.eml: not scanned; ")
    assert list(corpus_table.misses([CAUGHT, FINE])) == []


def test_a_folder_of_cases_that_is_not_there_is_said_to_be_skipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(corpus.judge_cases(tmp_path, tmp_path / "whitebox")) == []
    assert capsys.readouterr().out == "\ncases/whitebox: not there, skipped\n"
