"""The phrase language: what a phrase matches, what it refuses, and that it stays bounded."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.detection.lures.phrases import (
    MAX_PHRASE_CHARS,
    Grammar,
    PhraseError,
    compile_phrase,
    lookups,
    words,
)
from phish_milter.text.folding import fold

WORDS = {"account": ["account", "user profile"], "verify": ["verify", "confirm~"]}
SPACED = Grammar(fold, spaced=True, vocabulary=WORDS, spellings={"ä": "ae"})
UNSPACED = Grammar(fold, spaced=False, vocabulary={"konto": ["账户", "帐号"]}, spellings={})
HINDI = Grammar(fold, spaced=True, vocabulary={}, spellings={})


@pytest.mark.parametrize(
    ("source", "text", "matches", "why"),
    [
        ("verify your account", "Verify your account now", True, "words in order"),
        ("verify your account", "verify   your\naccount", True, "white space is folded"),
        ("verify your account", "verify your accounts", False, "a word ends where it ends"),
        ("verify your account", "reverify your account", False, "a word begins where it begins"),
        ("verify account", "verify. Account", False, "not beyond a sentence"),
        ("verify * account", "verify your example.org account", True, "a dot inside a word"),
        ("verify * account", "verify the (old) account", True, "punctuation inside a gap"),
        ("verify * account", "verify account", True, "a gap may be empty"),
        ("verify * account", "verify a b c d e f account", True, "six words are a gap"),
        ("verify * account", "verify a b c d e f g account", False, "seven are not"),
        ("verify * account", "verify it. Then the account", False, "a gap ends with the sentence"),
        ("(log|sign) in", "please sign in", True, "alternatives"),
        ("verify (your|) account", "verify account", True, "an optional group"),
        ("e-mail address", "email address", True, "a hyphen may be missing"),
        ("e-mail address", "e mail address", True, "or be a space"),
        ("can't verify", "can\u2019t verify", True, "any apostrophe"),
        ("can't verify", "cant verify", True, "or none"),
        ("confirm~ it", "confirmation it", True, "an open ending"),
        ("~konto sperren", "meinkonto sperren", True, "an open beginning"),
        ("<verify> your <account>", "confirming your user profile", True, "vocabulary"),
        ("(<account> #|other) ends", "user profile 7 ends", True, "vocabulary inside words"),
        ("within # hours", "within 48 hours", True, "a number"),
        ("within #h", "within 48h", True, "a number glued to its unit"),
        ("bestätigen sie", "bestatigen sie", True, "folded like the text"),
        ("bestätigen sie", "bestaetigen sie", True, "typed without the letter"),
        (r"curl ** \| sh", "curl -s https://a.example/x | sh", True, "a wide gap takes a URL"),
        (r"curl ** \| sh", "curl and then sh", False, "the mark is required"),
        ("verify * your * account", "verify now your old account", True, "two gaps"),
    ],
)
def test_a_phrase_of_a_spaced_script(source: str, text: str, matches: bool, why: str) -> None:
    pattern = compile_phrase(source, SPACED).compile()
    assert bool(pattern.search(fold(text))) is matches, why


@pytest.mark.parametrize(
    ("source", "text", "matches", "why"),
    [
        ("您的 <konto> * 冻结", "您的账户已被临时冻结", True, "nothing between the words"),
        ("您的 <konto> * 冻结", "您的 帐号 冻结", True, "spaces are free"),
        ("您的 <konto> * 冻结", "您的账户。已冻结", True, "the caller tells sentences apart"),
        (
            "您的 <konto> * 冻结",
            "您的账户一二三四五六七八九十一二三冻结",
            False,
            "the gap is bounded",
        ),
        ("验证 {brand} <konto>", "请验证您的账户", False, "the slot is required"),
    ],
)
def test_a_phrase_of_an_unspaced_script(source: str, text: str, matches: bool, why: str) -> None:
    pattern = compile_phrase(source, UNSPACED).compile(["acme"])
    assert bool(pattern.search(fold(text))) is matches, why


def test_vowel_signs_belong_to_the_word() -> None:
    pattern = compile_phrase("खाता बंद", HINDI).compile()
    assert pattern.search(fold("आपका खाता बंद है"))
    assert not pattern.search(fold("आपका खाता बंदी है")), "another word"


@pytest.mark.parametrize(
    ("names", "text", "matches", "why"),
    [
        (["acme"], "your acme account", True, "the name"),
        (["acme", "acme works"], "your acme works account", True, "the longest name"),
        (["acme"], "your acme.example account", True, "the name as a host"),
        (["acme"], "your acme's account", True, "a genitive"),
        (["acme"], "your acmes account", False, "another word"),
        (["acme"], "your other account", False, "another name"),
        (["a.c"], "your abc account", False, "a name is no pattern"),
    ],
)
def test_the_slot_takes_a_name_of_the_brand(
    names: list[str], text: str, matches: bool, why: str
) -> None:
    phrase = compile_phrase("your {brand} account", SPACED)
    assert phrase.has_slot
    assert bool(phrase.compile(names).search(fold(text))) is matches, why


@pytest.mark.parametrize(
    ("source", "message", "why"),
    [
        ("", "empty", "nothing to match"),
        ("* verify", "begin and end", "a gap has no side"),
        ("verify (now|)", "begin and end", "an optional end is no end"),
        ("verify * ** account", "two gaps", "they would multiply"),
        ("verify * a * b * c * d * account", "more than", "too many gaps"),
        ("verify <nothing>", "vocabulary", "an unknown list"),
        ("verify ()", "without alternatives", "an empty group"),
        ("verify(now)", "space is missing", "words must not touch"),
        ("verify (a", "unexpected", "an open group"),
        ("ver~ify it", "belongs at an end", "an open middle"),
        ("- verify", "backslash", "punctuation is no word"),
        ("ab~ cd~", "looked up", "no word long enough to look up"),
        ("# #", "looked up", "numbers alone"),
        ("word " * MAX_PHRASE_CHARS, "longer than", "a limit"),
    ],
)
def test_a_broken_phrase_is_refused(source: str, message: str, why: str) -> None:
    with pytest.raises(PhraseError, match=message):
        compile_phrase(source, SPACED)
    assert why


@given(st.text(alphabet="abc *()|<>~#-\\{}é账", max_size=40))
def test_any_source_compiles_or_is_refused(source: str) -> None:
    for grammar in (SPACED, UNSPACED):
        try:
            phrase = compile_phrase(source, grammar)
        except PhraseError:
            continue
        phrase.compile(["acme"])
        assert phrase.required
        assert not re.search(r"(?<!\\)[*+]|\{\d*,\}", phrase.expression), "unbounded"


@given(st.text(max_size=200))
def test_a_word_is_looked_up_by_itself_and_its_beginnings(text: str) -> None:
    for word in words(fold(text)):
        assert word in lookups(word)
        assert all(word.startswith(lookup) for lookup in lookups(word))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("e-mail * locked", "my e-mail is locked"),
        ("e-mail * locked", "my email is locked"),
        ("confirm~ * (lock~|account)", "confirmation of the account"),
        ("(two-factor|2fa) expires", "your 2fa expires"),
    ],
)
def test_a_text_that_matches_holds_a_key_of_every_part(source: str, text: str) -> None:
    phrase = compile_phrase(source, SPACED)
    folded = fold(text)
    assert phrase.compile().search(folded)
    held = {lookup for word in words(folded) for lookup in lookups(word)}
    for keys in phrase.required:
        assert keys & held
