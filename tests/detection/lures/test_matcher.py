"""Lures: every shipped wording class fires on a sentence of its own, ordinary mail stays silent."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phish_milter.detection.lures.categories import LureCategory
from phish_milter.detection.lures.files import NO_LANGUAGE, LureError, LureFile, read
from phish_milter.detection.lures.matcher import MAX_HEAD_CHARS, MAX_TAIL_CHARS, Lures, load
from phish_milter.resources import data_directory
from phish_milter.text.folding import fold

FILES, _ = read(data_directory() / "lures")
SHIPPED = Lures(FILES)
NAMES = ("acme", "acme package garden")
# Categories that say something by themselves; the others may well occur in ordinary mail.
SERIOUS = {"verify", "suspension", "removal", "secret_reply"}

EXAMPLES = [
    pytest.param(file, category, sentence, id=f"{file.language}-{category}-{number}")
    for file in FILES
    for category, sentences in file.examples.items()
    for number, sentence in enumerate(sentences)
]
NEAR_MISSES = [
    pytest.param(sentence, id=f"{file.language}-{number}")
    for file in FILES
    for number, sentence in enumerate(file.near_misses)
]


def lures_of(**phrases: list[str]) -> Lures:
    content = {"origin": "x.toml", "language": "en", "name": "English", "phrases": phrases}
    return Lures([LureFile.model_validate({**content, "negations": ["never", "do not"]})])


@pytest.mark.parametrize(("file", "category", "sentence"), EXAMPLES)
def test_an_example_fires_in_its_own_language(file: LureFile, category: str, sentence: str) -> None:
    lures = Lures([file])
    if category == LureCategory.SELF_PRESENT:
        for name in NAMES:
            text = fold(sentence.replace("{brand}", name.title()))
            assert lures.self_presentations(text, NAMES), name
        return
    hits = {hit.category: hit for hit in lures.match(fold(sentence))}
    assert category in hits
    assert hits[category].language == file.language
    assert hits[category].evidence in fold(sentence) or not fold(sentence).isascii()


@pytest.mark.parametrize("sentence", NEAR_MISSES)
def test_ordinary_mail_stays_silent_in_every_language(sentence: str) -> None:
    hits = [hit for hit in SHIPPED.match(fold(sentence)) if hit.category in SERIOUS]
    assert not hits


@pytest.mark.parametrize(
    ("text", "category", "why"),
    [
        ("HESABINIZ ASKIYA ALINDI", "suspension", "Turkish capitals lose the dotless i"),
        ("hesabiniz askiya alindi", "suspension", "Turkish on an English keyboard"),
        ("Twoje konto zostalo zablokowane", "suspension", "Polish without the stroke"),
        ("Ihr Konto wurde eingeschraenkt", "suspension", "German without umlauts"),
        ("Ver\u200bify your acc\u00adount", "verify", "invisible characters inside"),
        ("\uff36\uff45\uff52\uff49\uff46\uff59 your account", "verify", "fullwidth letters"),
        ("Verify\r\n\t your\u00a0account", "verify", "any white space"),
    ],
)
def test_spellings_of_the_street_are_found(text: str, category: str, why: str) -> None:
    assert category in {hit.category for hit in SHIPPED.match(fold(text))}, why


def test_one_hit_per_category_in_the_order_of_the_file() -> None:
    lures = lures_of(verify=["confirm it", "verify it"], removal=["remove it"])
    hits = lures.match("remove it, verify it, confirm it")
    assert [(hit.category, hit.evidence) for hit in hits] == [
        ("verify", "confirm it"),
        ("removal", "remove it"),
    ]


@pytest.mark.parametrize(
    ("text", "fires", "why"),
    [
        ("send us your token", True, "a request"),
        ("never send us your token", False, "advice"),
        ("you know it. never mind. send us your token", True, "no longer in the sentence"),
        ("never forget. do not wait. send us your token", True, "the stop ends its reach"),
    ],
)
def test_a_negated_request_is_advice(text: str, fires: bool, why: str) -> None:
    lures = lures_of(secret_reply=["send us your token"])
    assert bool(lures.match(text)) is fires, why


def test_a_negation_does_not_excuse_a_threat() -> None:
    lures = lures_of(verify=["verify your account"])
    assert lures.match("if you do not verify your account")


@pytest.mark.parametrize(
    ("padding", "fires", "why"),
    [
        (MAX_HEAD_CHARS - 100, True, "in the head"),
        (MAX_HEAD_CHARS + MAX_TAIL_CHARS - 100, True, "a text just short enough"),
        (MAX_HEAD_CHARS + MAX_TAIL_CHARS, True, "at the end of a long text"),
    ],
)
def test_head_and_tail_of_a_long_text_are_read(padding: int, fires: bool, why: str) -> None:
    lures = lures_of(verify=["verify your account"])
    assert bool(lures.match("x " * (padding // 2) + "verify your account")) is fires, why


def test_the_middle_of_a_very_long_text_is_not_read() -> None:
    lures = lures_of(verify=["verify your account"])
    side = "x " * (MAX_HEAD_CHARS // 2)
    assert not lures.match(f"{side} verify your account {side}")


@pytest.mark.parametrize("offset", range(0, 700, 13))
def test_a_text_without_full_stops_is_read_everywhere(offset: int) -> None:
    lures = lures_of(verify=["verify * your account"])
    filler = "abcdefgh " * 80
    assert lures.match(f"{filler[:offset]} verify some day your account {filler}")
    assert lures.match(f"{'x' * offset} verify some day your account {filler}")


def test_a_wording_does_not_reach_beyond_a_sentence() -> None:
    lures = lures_of(deadline=["by the # march"], verify=["verify * account"])
    assert not lures.match("please verify. the account is fine")
    assert not lures.match("please verify this! the account is fine")
    assert lures.match("by the 15. march at noon"), "an ordinal ends no sentence"


def test_self_presentation_needs_the_name_in_the_slot() -> None:
    lures = lures_of(self_present=["your {brand} account"])
    assert lures.self_presentations("about your acme account", ["acme"]) == "your acme account"
    assert lures.self_presentations("about your other account at acme", ["acme"]) is None
    assert lures.self_presentations("about your acme account", []) is None
    assert lures.match("about your acme account") == ()


def test_warming_changes_nothing() -> None:
    warm = lures_of(verify=["verify it"], self_present=["your {brand} account"])
    warm.warm([["acme"]])
    assert warm.match("verify it")
    assert warm.self_presentations("your acme account", ["acme"])


def test_load_reports_faults_of_files_and_phrases_together(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("language = 1", encoding="utf-8")
    (tmp_path / "b.toml").write_text(
        'language = "en"\nname = "E"\n[phrases]\nverify = ["* it"]\ndeadline = ["(a"]\n',
        encoding="utf-8",
    )
    with pytest.raises(LureError) as caught:
        load(tmp_path)
    starts = [problem.partition(": ")[0] for problem in caught.value.problems]
    assert set(starts) == {"a.toml", "b.toml"}
    assert sum("phrases." in problem for problem in caught.value.problems) == 2


def test_load_reads_the_shipped_files() -> None:
    assert NO_LANGUAGE in load(data_directory() / "lures").languages


def test_commands_are_told_from_talk_about_tools() -> None:
    talk = "I ran pip install example, then curl showed the page and bash printed it."
    assert "command" not in {hit.category for hit in SHIPPED.match(fold(talk))}


FRAGMENTS = st.sampled_from(
    [word for file in FILES for sources in file.phrases.values() for word in sources[0].split()]
)


@given(st.one_of(st.text(max_size=300), st.lists(FRAGMENTS, max_size=40).map(" ".join)))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_hits_with_evidence(text: str) -> None:
    folded = fold(text)
    for hit in SHIPPED.match(folded):
        assert hit.evidence
    SHIPPED.self_presentations(folded, NAMES)
