"""Style sheets: which rules count, and what they hide."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from phish_milter.message.html.stylesheet import Sheet, sheet_rules


@pytest.mark.parametrize(
    ("sheet", "expected"),
    [
        (".a{display:none}", [(".a", "display:none")]),
        (".a{x:y}.b, #c{z:w}", [(".a", "x:y"), (".b, #c", "z:w")]),
        ("/* .a{x:y} */.b{z:w}", [(".b", "z:w")]),
        ("<!-- .a{x:y} -->", [(".a", "x:y")]),
        ("@media screen{.a{x:y}}", [(".a", "x:y")]),
        ("@media (max-width:600px){.a{x:y}}.b{z:w}", [(".b", "z:w")]),  # phones only
        ("@media print{.a{x:y}}", []),
        ("@import url(x);.a{x:y}", [(".a", "x:y")]),
        ("@font-face{x:y}.a{z:w}", [(".a", "z:w")]),
        (".a{x:y", []),
        ("}}}{", []),
    ],
)
def test_sheet_rules(sheet: str, expected: list[tuple[str, str]]) -> None:
    assert sheet_rules(sheet, 100) == expected


def test_budget_of_rules() -> None:
    assert len(sheet_rules(".a{x:y}" * 100, 10)) == 10


@pytest.mark.parametrize(
    ("rules", "hidden"),
    [
        (".a{display:none}", {"p"}),
        ("#i{font-size:0}", {"p"}),
        ("div p{opacity:0}", {"p"}),
        ("p.a,b{display:none}", {"p", "b"}),
        (".a{display:none}.a{display:block}", set()),  # the later rule wins
        (".a:hover{display:none}", set()),
        (".nobody{display:none}", set()),
        (".a{color:red}", set()),
        ("]broken[{display:none}", set()),
    ],
)
def test_hiding(rules: str, hidden: set[str]) -> None:
    tree = LexborHTMLParser(f"<style>{rules}</style><div><p class=a id=i>x</p><b>y</b></div>")
    sheet = Sheet(tree)
    by_id = {node.mem_id: node.tag for node in tree.css("p, b")}
    marked = {by_id[identity] for identity in sheet.hiding}

    assert hidden <= marked
    if not hidden:
        assert all("block" in sheet.hiding[identity] for identity in sheet.hiding)


def test_painting() -> None:
    tree = LexborHTMLParser("<style>.a{background:#00f}</style><p class=a>x</p><b>y</b>")
    sheet = Sheet(tree)

    assert sheet.paints(tree.css("p")[0].mem_id)
    assert not sheet.paints(tree.css("b")[0].mem_id)
