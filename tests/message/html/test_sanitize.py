"""Hostile HTML is flattened; ordinary HTML is not touched."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from phish_milter.message.html.sanitize import MAX_DEPTH, sanitize

MANY = 60_000


def depth(html: str) -> int:
    root = LexborHTMLParser(html).root
    deepest = 0
    for node in root.traverse() if root else ():
        level, above = 0, node.parent
        while above is not None and level <= 2 * MAX_DEPTH:
            level, above = level + 1, above.parent
        deepest = max(deepest, level)
    return deepest


@pytest.mark.parametrize(
    "html",
    [
        "<p>hello <b>you</b><br></p>",
        "<table>" + "<tr><td>x</td></tr>" * 500 + "</table>",
        "<p>x</p>" * 5000,
        "<style>" + "p{color:red}" * 3000 + "</style><p>x",  # long text between two ">"
        f'<img src="data:image/png;base64,{"A" * 5000}">',
        "<" * 1000,
    ],
)
def test_ordinary_html_passes_untouched(html: str) -> None:
    found: set[str] = set()

    assert sanitize(html, MANY, found) == html
    assert not found


@pytest.mark.parametrize(
    "unit", ["<div>", "<b><p>", "<table><tr><td>", "<div></x>", "<svg><g>", "<blockquote>x"]
)
def test_depth_is_limited(unit: str) -> None:
    found: set[str] = set()
    sanitized = sanitize(unit * 4000 + "end", MANY, found)

    assert found == {"deep-html"}
    assert depth(sanitized) <= MAX_DEPTH * 3 // 2  # the parser adds a tbody to every table
    assert "end" in sanitized


def test_reopened_formatting_is_limited() -> None:
    html = "".join(f"<font id={n}>" for n in range(1500)) + "<p>x" * 1500
    root = LexborHTMLParser(sanitize(html, MANY, set())).root

    assert root is not None
    assert sum(1 for _ in root.traverse()) < 1500 * 70


@pytest.mark.parametrize("gap", ["", 'x=">" '])
def test_attributes_are_limited(gap: str) -> None:
    found: set[str] = set()
    attributes = " ".join(f"a{n}=1 {gap}" for n in range(20_000))
    sanitized = sanitize(
        f"<p {attributes}><a {attributes} href=https://a.example/>x</a>", MANY, found
    )

    assert found == {"long-tag"}
    assert sanitized.count("=") < 2000
    assert "href=https://a.example/" in sanitized  # where a link leads is never left out


def test_links_survive_any_depth() -> None:
    sanitized = sanitize("<div>" * 3000 + "<a href=https://a.example/>x</a>", MANY, set())

    assert LexborHTMLParser(sanitized).css("a")[0].attributes["href"] == "https://a.example/"


def test_far_too_many_tags_keep_both_ends() -> None:
    found: set[str] = set()
    sanitized = sanitize("first" + "<p>x</p>" * 5000 + "last", 100, found)

    assert "too-many-tags" in found
    assert sanitized.startswith("first")
    assert sanitized.endswith("last")
    assert sanitized.count("<") < 1000
