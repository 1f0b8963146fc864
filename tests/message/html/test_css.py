"""Which CSS hides text, and which only looks as if it did."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.message.html.css import NOTHING, color, look


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "DISPLAY : NONE !important",
        "display/**/:none",
        r"d\69splay:none",  # an escape browsers undo
        "display:none !important;display:block",
    ],
)
def test_gone(style: str) -> None:
    assert look(style).gone


@pytest.mark.parametrize(
    "style",
    [
        "mso-hide:all",
        "opacity:0",
        "opacity:0.01",
        "max-height:0;overflow:hidden",
        "height:1px;overflow:hidden",
        "width:0px; overflow:hidden",
        "position:absolute;left:-9999px",
        "text-indent:-9999px",
        "margin-left:-100em",
        "position:absolute;clip:rect(0,0,0,0)",
        "clip-path:inset(100%)",
        "transform:scale(0)",
    ],
)
def test_doubtful(style: str) -> None:
    found = look(style)

    assert found.doubtful
    assert not found.gone


@pytest.mark.parametrize(
    "style",
    [
        "display:block",
        "opacity:0.9",
        "max-height:0",  # text flows over
        "height:100px;overflow:hidden",
        "left:-9px",
        "margin-left:-20px",
        "position:absolute;clip:rect(0,100px,100px,0)",
        "font-size:14px;color:#fff",
        "background:url(data:image/png;base64,display:none)",
        "xdisplay:none",
        "display:block !important;display:none",
        "display:none !ie",  # no such mark: browsers drop the declaration
        "",
    ],
)
def test_not_gone(style: str) -> None:
    found = look(style)

    assert not found.gone
    assert not found.doubtful


@pytest.mark.parametrize(
    ("style", "tiny"),
    [
        ("font-size:0", True),
        ("font-size:1px", True),
        ("font-size:0.1em", True),
        ("font-size:1%", True),
        ("font-size:.5pt", True),
        ("font:0/0 a", True),
        ("font-size:11px", False),
        ("font-size:small", False),
        ("font:bold 14px/0 Arial", False),  # a line height of nothing hides nothing
        ("font-size:1.2em", None),  # as the parent says
        ("font-size:inherit", None),
        ("color:red", None),
    ],
)
def test_tiny(style: str, tiny: bool | None) -> None:
    assert look(style).tiny is tiny


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("#fff", "white"),
        ("#FFFFFF", "white"),
        ("#fefefe", "white"),
        ("white", "white"),
        ("rgb(255, 255, 255)", "white"),
        ("rgb(100%,100%,100%)", "white"),
        ("hsl(0,0%,100%)", "white"),
        ("rgba(0,0,0,0)", "clear"),
        ("#00000000", "clear"),
        ("transparent", "clear"),
        ("#000", "other"),
        ("#eee", "other"),
        ("red", "other"),
        ("rgb(1)", "other"),
        ("#zzz", "other"),
        ("inherit", ""),
        ("", ""),
    ],
)
def test_color(value: str, expected: str) -> None:
    assert color(value) == expected


@pytest.mark.parametrize(
    ("style", "background"),
    [
        ("background:#fff", "white"),
        ("background-color:#006dad", "other"),
        ("background:#fff url(x.png)", "other"),  # who knows what is painted
        ("background-image:url(x)", "other"),
        ("color:#fff", ""),
    ],
)
def test_background(style: str, background: str) -> None:
    assert look(style).background == background


def test_visibility_and_direction() -> None:
    assert look("visibility:hidden").invisible is True
    assert look("visibility:visible").invisible is False
    assert look("unicode-bidi:bidi-override").overrides
    assert look("direction:rtl").leftward
    assert look("direction:ltr").leftward is False
    assert look("display:flex;flex-direction:row-reverse").turned
    assert look("flex-flow:row-reverse wrap").turned
    assert look("float:right").floats
    assert look("margin:0;padding:3px") is NOTHING


@given(st.text(alphabet=st.sampled_from("display:none;font-size:0px#\\/*() %.,-9eé"), max_size=80))
def test_never_raises(style: str) -> None:
    look(style)
    color(style)
