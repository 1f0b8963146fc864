"""Text that style sheets write."""

import pytest

from phish_milter.message.html.generated_text import rules, text


@pytest.mark.parametrize(
    ("selector", "declarations", "found"),
    [
        ("b::before", 'content:"Brand"', [("b", "before", "Brand")]),
        ("b:after", "color:red; content : 'Bra' \"nd\"", [("b", "after", "Brand")]),
        (".x::before, .y::AFTER", "content:'B'", [(".x", "before", "B"), (".y", "after", "B")]),
        ("b::before", r"content:'\42 rand'", [("b", "before", "Brand")]),
        ("b::before", "content:attr(title)", [("b", "before", "Title")]),
        ("b::before", "content:attr(lang)", [("b", "before", "")]),
        ("::before", "content:'B'", [("*", "before", "B")]),
        ("b", "content:'B'", []),  # only what stands beside an element is text
        ("b::before", "content:''", []),
        ("b::before", "content:none", []),
        ("b::before", "content:url(x.png)", []),
        ("b::before", "xcontent:'B'", []),
        ("b::before", "color:red", []),
    ],
)
def test_rules(selector: str, declarations: str, found: list[tuple[str, str, str]]) -> None:
    attributes: dict[str, str | None] = {"title": "Title", "lang": None}
    made = rules(selector, declarations)

    assert [(e, place, text(made, attributes)) for e, place, made in made] == found
