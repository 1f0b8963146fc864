"""The HTML page about a run: complete, harmless, and valid as far as a parser can tell."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from phish_milter.evaluation.cases import Case
from phish_milter.evaluation.html_report import page
from phish_milter.evaluation.mail_files import Judged
from phish_milter.findings import Finding
from phish_milter.policy.decision import Action, Policy, ScoredFinding
from support.cases import CASES, SYMBOL, case

POLICY = Policy(ceiling=Action.REJECT)
# Elements without content, HTML Living Standard section 13.1.2.
VOID = {"meta", "line", "rect"}


class Outline(HTMLParser):
    """Elements, attributes and text of a page; asserts that what opens is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


def hostile(evidence: str) -> Case:
    base = case("legit", "quarantine", at_least="accept", at_most="accept")
    assert isinstance(base.result, Judged)
    found = (ScoredFinding(Finding(SYMBOL, evidence, "pypi"), 4.0),)
    verdict = replace(base.result.verdict, findings=found)
    expected = base.expected.model_copy(update={"family": evidence, "file": evidence})
    return replace(base, expected=expected, result=replace(base.result, verdict=verdict))


def test_it_loads_nothing_and_runs_nothing() -> None:
    text = page("manifest.jsonl", CASES, POLICY)
    outline = Outline(text)

    assert not {"script", "link", "img", "iframe", "form", "base", "object"} & set(outline.tags)
    assert not {"src", "href", "style", "action"} & {name for name, _ in outline.attributes}
    assert not re.search(r"url\(|@import|https?:", text)


@pytest.mark.parametrize(
    "evidence",
    [
        "<script>alert(1)</script>",
        "\"'><svg onload=alert(1)>",
        "</table></details></body>",
        "<!-- <![CDATA[ &lt;img src=x&gt;",
        "\x1b[2J\u202e\x00\ud800",
    ],
)
def test_text_of_a_message_stays_text(evidence: str) -> None:
    plain = Outline(page("m", [hostile("plain")], POLICY))

    text = page(evidence, [hostile(evidence)], POLICY)

    assert Outline(text).tags == plain.tags
    assert not set("\x00\x1b\u202e\ud800") & set(text)
    text.encode()  # can be written


def test_secrets_stay_out() -> None:
    url = "https://a.example/reset?token=aB3dE5fG7hJ9kL1mN3pQ5rS7"

    assert "aB3dE5fG7hJ9" not in page("m", [hostile(url)], POLICY)


def test_the_confusion_picture_counts_and_judges() -> None:
    rows = Outline(page("m", CASES, POLICY)).rows

    assert ["attack", "quarantine or more", "·", "1 ✗", "1 ✓", "·", "1 ✗"] in rows
    assert ["legit", "accept", "1 ✓", "·", "1 ✗", "·", "·"] in rows
    assert ["legit", "tag or less", "·", "1 ✓", "·", "·", "·"] in rows


def test_tables_and_worst_cases_are_there() -> None:
    text = page("m", CASES, POLICY, worst=1)
    rows = Outline(text).rows

    assert ["fam", "attack", "3", "1/3", "", "2", "0", "2/3", "1"] in rows
    assert ["LOOKALIKE_LINK", "contradiction", "2", "2", "1", "50.0%", ""] in rows
    assert "Worst cases (1 of 4)" in text
    assert "not scanned: gone" in text


def test_nothing_at_all_makes_a_page() -> None:
    text = page("m", [], POLICY)

    assert "Nothing was scanned." in text
    assert "Everything went as expected." in text
