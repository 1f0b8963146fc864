"""The words of defects: public, so each is one word, used, and none stands for two things."""

import re

import pytest

from phish_milter.message import defects
from support.tree import PACKAGE

WORDS = {name: word for name, word in vars(defects).items() if name.isupper()}
SOURCE = "\n".join(path.read_text() for path in PACKAGE.rglob("*.py") if path.stem != "defects")


@pytest.mark.parametrize("word", WORDS.values())
def test_a_word_is_lower_case_with_hyphens(word: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", word)


def test_no_word_stands_for_two_things() -> None:
    assert len(set(WORDS.values())) == len(WORDS)


@pytest.mark.parametrize("name", WORDS)
def test_every_word_is_said_somewhere_by_its_name(name: str) -> None:
    assert re.search(rf"\b{name}\b", SOURCE)
