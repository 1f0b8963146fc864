"""HTML as its reader sees it: words, lines, hidden text, quotes and links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.message.html.reader import View, render
from phish_milter.message.limits import DEFAULT, Limits

_HALVES = "<b>nd</b><b>Bra</b>"


def view(html: str, *, forward: bool = False) -> View:
    return render(html, DEFAULT, forward=forward)


@pytest.mark.parametrize(
    ("html", "visible"),
    [
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("one<br>two", "one\ntwo"),
        ("o<b>n</b>e", "one"),  # inline tags split no word
        ("o<!-- x -->ne", "one"),
        ("<td>a<td>b", "ab"),  # no table around: the tags are dropped
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a b\nc"),
        ("a\n  b\t c", "a b c"),  # white space collapses
        ("<pre>a\nb</pre>", "a\nb"),  # and here not
        ("&lt;a&gt; &amp; &#x50;", "<a> & P"),
        ("a&nbsp;b", "a b"),
        ("a\u200bb", "a\u200bb"),  # others take zero-width characters out
        ('<img src=x alt="Brand logo"> text', "Brand logo text"),
        ("<input type=submit value='Sign in'>", "Sign in"),
        ("<input placeholder=Password>", "Password"),
        ("<script>x</script><style>y</style><title>z</title>a", "a"),
        ("<noscript>a</noscript>", "a"),  # mail clients run no scripts
        ("<template>x</template>a", "a"),
        ("<iframe>x</iframe>a", "a"),
        ("<div style='display:inline'>Br</div><div style='display:inline'>and</div>", "Brand"),
        ("<bdo dir=rtl>dnarB</bdo>", "Brand"),
        ("<div dir=rtl><b style='unicode-bidi:bidi-override'>dnarB</b></div>", "Brand"),
        ("<p dir=rtl>brand</p>", "brand"),  # Latin letters run on as they are
        (f"<p style='display:flex;flex-direction:row-reverse'>{_HALVES}</p>", "Brand"),
        (f"<style>.r{{flex-flow:row-reverse}}</style><p class=r>{_HALVES}</p>", "Brand"),
        (f"<p style='display:flex;flex-direction:row'>{_HALVES}</p>", "ndBra"),
        ("<p><b style='float:right'>nd</b><b style='float:right'>Bra</b></p>", "Brand"),
        ("<p><b style='float:right'>one</b>two</p>", "onetwo"),  # an item alone
        ("<style>.b::before{content:'Bra'}</style><p><i class=b>nd</i></p>", "Brand"),
        (r"<style>b:after{content:'\6e' attr(title)}</style><b title=d>Bra</b>", "Brand"),
        ("<style>b:before{content:''}</style><b>Brand</b>", "Brand"),  # clears floats
        ("<svg><text>a</text></svg>", "a"),
        ("a\0b", "ab"),
        ("", ""),
    ],
)
def test_visible(html: str, visible: str) -> None:
    assert view(html).visible == visible


@pytest.mark.parametrize(
    "salt",
    [
        '<span style="display:none">zz</span>',
        '<span style="font-size:0">zz</span>',
        '<span style="visibility:hidden">zz</span>',
        '<span style="opacity:0">zz</span>',
        '<span style="position:absolute;left:-9999px">zz</span>',
        '<span style="max-height:0;overflow:hidden">zz</span>',
        '<span style="color:#ffffff">zz</span>',
        '<span style="color:transparent">zz</span>',
        '<font color="white">zz</font>',
        "<span hidden>zz</span>",
        "<span class=salt>zz</span>",
        "<span id=salt>zz</span>",
        "<s>zz</s>",
        '<span style="font-size:0"><b>zz</b></span>',  # handed down
    ],
)
def test_salt_leaves_the_word_whole(salt: str) -> None:
    sheet = "<style>.salt, #salt {display:none} p s {font-size:1px}</style>"
    found = view(f"{sheet}<p>Bra{salt}nd</p>")

    assert found.visible == "Brand"
    assert found.hidden == "zz"


@pytest.mark.parametrize(
    "html",
    [
        '<div style="font-size:0"><p style="font-size:14px">shown</p></div>',  # newsletters
        '<div style="visibility:hidden"><p style="visibility:visible">shown</p></div>',
        '<div style="background:#006dad"><p style="color:#fff">shown</p></div>',
        '<table bgcolor="#006dad"><tr><td style="color:#fff">shown</table>',
        '<style>.dark{background:#000}</style><p class="dark" style="color:#fff">shown</p>',
        '<style>@media (max-width:600px){.wide{display:none}}</style><p class="wide">shown</p>',
        '<table background="x.png"><tr><td style="color:#fff">shown</table>',
        '<a style="color:#fff;background-color:#00f">shown</a>',
    ],
)
def test_shown_after_all(html: str) -> None:
    assert view(html).visible == "shown"


_LETTER = "Your account at Brand will be closed. " * 5


@pytest.mark.parametrize(
    ("html", "unseen"),
    [
        ("a<video>Your account</video>", "Your account"),  # a fallback
        ("a<p style='mso-hide:all'>Your account</p>", "Your account"),  # shown but by Outlook
        ("abc<p style='left:-9999px'>de</p>", "de"),  # without a position
        ("a<p style='display:none'><a href=x>Go</a></p>", "Go"),  # a link among it
        (f"<p>{_LETTER * 2}</p><p hidden>{_LETTER}</p>", _LETTER.strip()),  # long
        ("<p>Hi</p><p hidden>Account</p>", "Account"),  # all there is
        (
            (
                "<style>@media all and (min-width:1px){.a{display:block!important}}</style>"
                "<p>Hello</p><p class=a style='display:none'>Acc</p>"
            ),
            "Acc",
        ),
        # honest: the preview line of a newsletter, salt, an answer's hidden parts
        ("<p style='display:none'>News of May</p><p>The news of this month</p>", ""),
        ("<p>Hello</p><blockquote type=cite><video>x</video></blockquote>", ""),
        ("<p>Hello</p>", ""),
    ],
)
def test_hidden_text_that_could_be_a_letter(html: str, unseen: str) -> None:
    assert view(html).unseen == unseen


def test_links_know_whether_they_are_seen() -> None:
    found = view("<a href=a>A</a><p style='display:none'><a href=b>B <i>now</i></a></p>")

    assert [(a.url, a.shown, a.unseen) for a in found.anchors] == [
        ("a", "A", False),
        ("b", "B now", True),
    ]


@pytest.mark.parametrize(
    ("html", "source", "url", "shown"),
    [
        ("<a href='https://a.example/'>Go <b>on</b></a>", "html:a", "https://a.example/", "Go on"),
        ("<a href='x'><img alt='Logo'></a>", "html:a", "x", "Logo"),
        ("<a href='x'>a<span style='display:none'>b</span></a>", "html:a", "x", "a"),
        ("<a href='x?a=1&amp;b=2'>y</a>", "html:a", "x?a=1&b=2", "y"),
        ("<a href='mailto:a@b.example'>y</a>", "html:a", "mailto:a@b.example", "y"),
        ("<a href='javascript:x'>y</a>", "html:a", "javascript:x", "y"),
        ("<map><area href='x' alt='y'></map>", "html:area", "x", "y"),
        ("<form action='x'><input name=a></form>", "html:form", "x", ""),
        ("<button formaction='x'>y</button>", "html:button", "x", "y"),
        (
            "<button onclick=\"location.href='https://x.example'\">y</button>",
            "html:button",
            "https://x.example",
            "",
        ),
        ("<meta http-equiv=Refresh content='0;url=x://y'>", "html:refresh", "x://y", ""),
        ("<iframe src='x'></iframe>", "html:iframe", "x", ""),
        ("<object data='x'></object>", "html:object", "x", ""),
        ("<svg><a xlink:href='x'>y</a></svg>", "html:svg", "x", "y"),
        ("<v:rect href='x'>y</v:rect>", "html:v", "x", "y"),
        ("<!--[if mso]><v:rect href='x'>y</v:rect><![endif]-->", "html:v", "x", "y"),
        (
            "<script>location.href='https://x.example'</script>",
            "html:script",
            "https://x.example",
            "",
        ),
    ],
)
def test_anchor(html: str, source: str, url: str, shown: str) -> None:
    (anchor,) = view(html).anchors

    assert (anchor.source, anchor.url, anchor.shown) == (source, url, shown)
    assert not anchor.quoted


@pytest.mark.parametrize("html", ["<a href='#top'>x</a>", "<a href=''>x</a>", "<a name=x>y</a>"])
def test_what_leads_nowhere_is_no_anchor(html: str) -> None:
    assert view(html).anchors == ()


def test_form_with_password_and_base() -> None:
    found = view("<base href='https://a.example/'><form action=in><input type=password></form>")

    (anchor,) = found.anchors
    assert (anchor.base, anchor.url, anchor.asks_secret) == ("https://a.example/", "in", True)


@pytest.mark.parametrize(
    ("html", "own", "quoted"),
    [
        ("<p>mine</p><blockquote>x <a href=y>z</a></blockquote>", "mine", True),
        ("<p>mine</p><div class='gmail_quote'><a href=y>z</a></div>", "mine", True),
        ("<p>mine</p><pre><a href=y>z</a></pre>", "mine", True),
        (
            "<p>mine</p><p>On Monday Ann wrote:</p><blockquote><a href=y>z</a></blockquote>below",
            "mine\nbelow",
            True,
        ),
        ("<p>mine</p><p>-----Original Message-----</p><a href=y>z</a>", "mine", True),
        ("<p>mine</p><p>From: B<br>Sent: Monday<br>To: c</p><a href=y>z</a>", "mine", True),
        ("<p>mine <a href=y>z</a></p><blockquote>x</blockquote>", "mine z", False),
        ("<p>mine</p><div id=divRplyFwdMsg>From: B</div><a href=y>z</a>", "mine", True),
        ("mine<br>```html<br><a href=y>z</a>", "mine\n```html\nz", False),
        ("<blockquote>all of it <a href=y>z</a></blockquote>", "all of it z", False),
        (
            "<p>---------- Forwarded message ---------</p><a href=y>z</a>",
            "---------- Forwarded message ---------\nz",
            False,
        ),
    ],
)
def test_own_and_quoted(html: str, own: str, quoted: bool) -> None:
    found = view(html)

    assert found.own == own
    assert [anchor.quoted for anchor in found.anchors] == [quoted]


def test_a_forward_without_a_comment_stays_quoted() -> None:
    found = view("<blockquote>all of it <a href=y>z</a></blockquote>", forward=True)

    assert found.own == ""
    assert found.anchors[0].quoted


def test_title() -> None:
    assert view("<title> a &amp;\n b </title>x").title == "a & b"


def test_budgets() -> None:
    html = "".join(f"<p><a href='https://{n}.example/'>{n}</a></p>" for n in range(2000))
    found = render(html, Limits(max_tags=1000, max_anchors=50, max_text=100))

    assert found.defects == {"too-many-tags", "too-many-links", "long-text"}
    assert found.anchors[0].url == "https://0.example/"
    assert found.anchors[-1].url == "https://1999.example/"
    assert len(found.anchors) == 50
    assert len(found.visible) <= 101


_BITS = st.sampled_from(
    [
        "<a href=x>",
        "</a>",
        "<p>",
        "<table>",
        "<td>",
        "<form>",
        "<input type=password>",
        "text",
        "<style>p{display:none}</style>",
        "<div style='font-size:0'>",
        "<!--",
        "-->",
        "<",
        "\ud800",
        "<svg>",
        "<template>",
        "<title>",
        "<blockquote>",
        "</blockquote>",
        "<script>",
        "&#0;",
        "\0",
    ]
)


@given(st.lists(_BITS, max_size=30))
def test_never_raises(bits: list[str]) -> None:
    view("".join(bits))


def test_nesting_does_not_crash() -> None:
    assert "end" in view("<div>" * 100_000 + "end").visible
