"""Reading lure files: what is valid, and that every fault is named at once."""

from pathlib import Path

import pytest

from phish_milter.detection.lures.categories import LureCategory
from phish_milter.detection.lures.files import MAX_FILE_BYTES, NO_LANGUAGE, read
from phish_milter.resources import data_directory

GOOD = """
language = "en"
name = "English"
[phrases]
verify = ["verify your account"]
"""

SHIPPED = (
    "ar",
    "de",
    "en",
    "es",
    "fr",
    "hi",
    "id",
    "it",
    "ja",
    "ko",
    "pl",
    "pt",
    "ru",
    "tr",
    "uk",
    "zh",
)


def write(directory: Path, **files: str) -> Path:
    for name, content in files.items():
        (directory / f"{name}.toml").write_text(content, encoding="utf-8")
    return directory


def test_a_good_file_is_read(tmp_path: Path) -> None:
    files, problems = read(write(tmp_path, en=GOOD))
    assert not problems
    assert [(file.origin, file.language, file.spaced) for file in files] == [
        ("en.toml", "en", True)
    ]


@pytest.mark.parametrize(
    ("content", "problem", "why"),
    [
        ("language = ", "bad.toml: ", "no TOML"),
        (GOOD + "other = 1", "bad.toml: phrases.other", "no list"),
        ("colour = 1\n" + GOOD, "bad.toml: colour", "an unknown key"),
        (GOOD.replace('"en"', '"English"'), "bad.toml: language", "no language code"),
        (GOOD.replace("verify =", "verfy ="), "bad.toml: phrases.verfy", "no such category"),
        (GOOD.replace("your", "{brand}"), "bad.toml: phrases.verify: {brand}", "a stray slot"),
        (GOOD.replace("verify =", "self_present ="), "{brand} belongs", "a missing slot"),
        (GOOD.replace('["verify your account"]', '[""]'), "bad.toml: phrases.verify.0", "empty"),
        (GOOD + '[examples]\nother = ["x"]', "bad.toml: examples.other", "no such category"),
    ],
)
def test_a_fault_names_file_and_key(tmp_path: Path, content: str, problem: str, why: str) -> None:
    _, problems = read(write(tmp_path, bad=content))
    assert any(problem in text for text in problems), why


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    faulty = write(tmp_path, a="language = 1", b="x = ", c=GOOD, d=GOOD)
    _, problems = read(faulty)
    origins = {text.partition(":")[0] for text in problems}
    assert origins == {"a.toml", "b.toml", "d.toml"}, "d repeats the language of c"


def test_a_directory_without_files_is_a_fault(tmp_path: Path) -> None:
    assert read(tmp_path)[1]


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    huge = GOOD + "#" * MAX_FILE_BYTES
    files, problems = read(write(tmp_path, en=huge))
    assert not files
    assert "larger than" in problems[0]


def test_a_file_that_is_no_text_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_bytes(b"\xff\xfe")
    assert read(tmp_path)[1]


def test_the_shipped_files_are_valid_and_complete() -> None:
    files, problems = read(data_directory() / "lures")
    assert not problems
    by_language = {file.language: file for file in files}
    assert set(SHIPPED) | {NO_LANGUAGE} <= set(by_language)
    for language in set(by_language) - {NO_LANGUAGE}:
        file = by_language[language]
        assert set(file.phrases) == set(LureCategory), language
        assert set(file.examples) == set(LureCategory), language
        assert all(len(sources) >= 4 for sources in file.phrases.values()), language
        assert len(file.near_misses) >= 5, language


def test_every_shipped_file_says_where_it_comes_from() -> None:
    for path in sorted((data_directory() / "lures").glob("*.toml")):
        head = path.read_text(encoding="utf-8").partition("\n\n")[0]
        assert "# Provenance:" in head, path.name
