"""What HTML loads by itself."""

import pytest

from phish_milter.links.model import LOADED_SOURCES
from phish_milter.message.html.reader import View, render
from phish_milter.message.html.remote_content import loaded, sheet
from phish_milter.message.limits import DEFAULT

U = "https://a.example/x"


@pytest.mark.parametrize(
    ("tag", "attributes", "found"),
    [
        ("td", {"background": f" {U} "}, [("html:background", U)]),
        ("td", {"background": "bg.png"}, []),  # no other place
        ("body", {"background": None}, []),
        ("img", {"srcset": f"{U} 1x, //b.example/y 2x"}, ["html:srcset", "html:srcset"]),
        ("source", {"srcset": f"{U}?a,b, cid:1 2x"}, [("html:srcset", f"{U}?a,b")]),
        ("p", {"style": f"color:red;background:URL( '{U}' )"}, [("html:css", U)]),
        ("p", {"style": "background:url(data:image/png;base64,AAAA)"}, []),
        ("p", {"style": "color:rgb(1,2,3)"}, []),
        ("image", {"href": U}, [("html:image", U)]),
        ("image", {"xlink:href": U}, [("html:image", U)]),
        ("img", {"href": U}, []),  # nothing opens it
        ("p", {}, []),
    ],
)
def test_loaded(
    tag: str, attributes: dict[str, str | None], found: list[tuple[str, str] | str]
) -> None:
    seen = list(loaded(tag, attributes))
    whole = all(isinstance(one, tuple) for one in found)

    assert (seen if whole else [source for source, _ in seen]) == found
    assert {source for source, _ in seen} <= LOADED_SOURCES


@pytest.mark.parametrize(
    ("css", "urls"),
    [
        (f"@import '{U}'; p {{background:url({U}2)}}", [U, f"{U}2"]),
        (f'@import url("{U}");', [U]),
        ("@media screen {p {color:red}}", []),
        (f"p {{background:url({U})}}" * 500, [U] * 20),  # bounded
    ],
)
def test_sheet(css: str, urls: list[str]) -> None:
    assert [url for _, url in sheet(css)] == urls


def view(html: str) -> View:
    return render(html, DEFAULT)


def test_what_is_loaded_comes_behind_the_links_and_once() -> None:
    html = f"<td background={U}><style>p{{background:url({U})}}</style><a href={U}2>x</a>" * 3

    found = [(a.source, a.url) for a in view(f"<table><tr>{html}</table>").anchors]

    assert found[:3] == [("html:a", f"{U}2")] * 3
    assert sorted(found[3:]) == [("html:background", U), ("html:css", U)]


def test_a_document_that_loads_everything() -> None:
    html = "".join(f"<td background='https://h{n}.example/'>" for n in range(5000))

    assert len(view(f"<table><tr>{html}</table>").anchors) == 100


def test_drawn_pictures_in_svg() -> None:
    html = f"<svg><image href='{U}'/><image xlink:href='{U}2'/></svg>"

    assert [a.url for a in view(html).anchors] == [U, f"{U}2"]


def test_a_page_in_an_attribute_is_read() -> None:
    page = "&lt;p&gt;Sign in&lt;/p&gt;&lt;a href='https://a.example/x'&gt;Go&lt;/a&gt;"
    found = view(f'Hello<iframe srcdoc="{page}">no</iframe>')

    assert found.visible == "Hello\nSign in\nGo"
    assert [(a.source, a.url, a.shown) for a in found.anchors] == [("html:a", U, "Go")]


def test_a_form_in_a_page_in_an_attribute_asks_for_a_secret() -> None:
    (form,) = view('<iframe srcdoc="<form action=/x><input type=password>">').anchors

    assert form.asks_secret


def test_a_hidden_page_is_hidden() -> None:
    found = view('<div style="display:none"><iframe srcdoc="<b>salt</b>"></iframe></div>a')

    assert (found.visible, found.hidden) == ("a", "salt")


@pytest.mark.parametrize(
    "html",
    [
        "<iframe srcdoc=\"<iframe srcdoc='<a href=https://a.example/>x</a>'>\">",  # one in another
        '<iframe srcdoc="<p>">' + "</iframe><iframe srcdoc='<p>'>" * 9,
    ],
)
def test_pages_in_attributes_are_bounded(html: str) -> None:
    found = view(html)

    assert (found.anchors, "deep-html" in found.defects) == ((), True)
