import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.links import inventory as subject
from phish_milter.links.model import Link, Trick
from phish_milter.message.model import Anchor, Document, HeaderField, Message, Part


def message(
    *documents: Document, fields: tuple[HeaderField, ...] = (), parts: tuple[Part, ...] = ()
) -> Message:
    return Message(fields, (), 1, (), "", parts, documents, (), 0)


def plain(visible: str, own: str | None = None, *, nested: bool = False) -> Document:
    return Document("1", "text/plain", visible, visible if own is None else own, nested=nested)


def html(visible: str, *anchors: Anchor, nested: bool = False) -> Document:
    return Document("2", "text/html", visible, visible, anchors=anchors, nested=nested)


def links(*documents: Document) -> tuple[Link, ...]:
    return subject.inventory(message(*documents)).links


def test_one_link_in_full() -> None:
    anchor = Anchor("html:a", "https://Brand.com@evil.co.uk/a?b#c", "https://brand.com/login")

    assert links(html("", anchor)) == (
        Link(
            written="https://Brand.com@evil.co.uk/a?b#c",
            target="https://Brand.com@evil.co.uk/a?b#c",
            host="evil.co.uk",
            domain="evil.co.uk",
            path="/a?b#c",
            shown="https://brand.com/login",
            shown_host="brand.com",
            source="html:a",
            part="2",
            tricks=frozenset({Trick.USERINFO}),
            candidates=("brand.com",),
        ),
    )


def test_text_link_keeps_how_it_was_written() -> None:
    (link,) = links(plain("go to evil.com now"))

    assert (link.written, link.target, link.source) == ("evil.com", "http://evil.com/", "text")


@pytest.mark.parametrize(
    ("text", "shown", "shown_host"),
    [
        ("Log in <https://evil.com/x>", "Log in", ""),
        ("https://evil.com/x", "", ""),
        ("I read the docs and this <https://evil.com/x>", "I read the docs and this", ""),
    ],
)
def test_label_before_a_text_link(text: str, shown: str, shown_host: str) -> None:
    link = links(plain(text))[-1]

    assert (link.shown, link.shown_host) == (shown, shown_host)


def test_only_the_word_next_to_a_text_link_names_a_host() -> None:
    near = links(plain("Log in at brand.com <https://evil.com/x>"))[-1]
    far = links(plain("brand.com is down, see <https://evil.com/x>"))[-1]

    assert (near.shown_host, far.shown_host) == ("brand.com", "")


def test_text_of_anchors_is_no_link_of_its_own() -> None:
    """The screen shows the text of the anchor; its target is what counts."""
    anchor = Anchor("html:a", "https://evil.com/", "https://brand.com/")

    found = links(html("Go to https://brand.com/ or https://other.com/", anchor))

    assert [(link.source, link.host) for link in found] == [
        ("html:a", "evil.com"),
        ("html:text", "other.com"),
    ]


def test_text_beside_an_equal_anchor_is_a_link() -> None:
    anchor = Anchor("html:a", "https://brand.com/", "evil.com/x")

    assert [link.source for link in links(html("evil.com/x and evil.com/x", anchor))] == [
        "html:a",
        "html:text",
    ]


@pytest.mark.parametrize(
    ("document", "quoted"),
    [
        (plain("https://evil.com/"), False),
        (plain("> https://evil.com/\nsee above", "see above"), True),
        (plain("> https://evil.com/\nhttps://evil.com/", "https://evil.com/"), False),
        (plain("https://evil.com/", nested=True), True),  # a forwarded message
        (html("", Anchor("html:a", "https://evil.com/", quoted=True)), True),
        (html("", Anchor("html:a", "https://evil.com/"), nested=True), True),
        (
            html(
                "",
                Anchor("html:a", "https://evil.com/", quoted=True),
                Anchor("html:a", "https://evil.com/"),
            ),
            False,  # once in the author's own words is enough
        ),
    ],
)
def test_quoted(document: Document, quoted: bool) -> None:
    assert [link.quoted for link in links(document)] == [quoted]


def test_identical_links_are_joined_in_order() -> None:
    first, second = Anchor("html:a", "https://a.com/"), Anchor("html:a", "https://b.com/")
    form = Anchor("html:a", "https://a.com/", asks_secret=True)

    found = links(html("", first, second, first, form))

    assert [(link.host, link.asks_secret) for link in found] == [
        ("a.com", False),
        ("b.com", False),
        ("a.com", True),
    ]


def test_base_is_used() -> None:
    (link,) = links(html("", Anchor("html:a", "login", base="https://evil.com/a/")))

    assert link.target == "https://evil.com/a/login"


def test_places_that_lead_nowhere_are_left_out() -> None:
    assert links(html("", Anchor("html:a", "#top"), Anchor("html:a", "mailto:a@b.com"))) == ()


def test_list_unsubscribe() -> None:
    value = " <mailto:leave@list.com>, <https://list.com/\n leave>, <http://two.com/x>"
    field = HeaderField("list-unsubscribe", value.encode(), value)

    found = subject.inventory(message(fields=(field,))).links

    assert [(link.target, link.source, link.part) for link in found] == [
        ("https://list.com/leave", "header:list-unsubscribe", "header"),
        ("http://two.com/x", "header:list-unsubscribe", "header"),
    ]


def test_attachments_are_searched() -> None:
    part = Part("3", "text/calendar", "", "", "", b"URL:https://evil.com/x\r\n", nested=True)

    (link,) = subject.inventory(message(parts=(part,))).links

    assert (link.host, link.source, link.part, link.quoted) == ("evil.com", "calendar", "3", True)


def test_wrappers() -> None:
    url = "https://www.google.com/url?q=https%3A%2F%2Fbit.ly%2Fx"

    (link,) = links(html("", Anchor("html:a", url)))

    assert (link.written, link.host, link.wrappers, link.unresolved) == (
        url,
        "bit.ly",
        ("www.google.com", "bit.ly"),
        True,
    )


def test_invisible_characters_in_a_text_link() -> None:
    (link,) = links(plain("https://ev\u200bil.com/"))

    assert (link.host, link.tricks) == ("evil.com", frozenset({Trick.CONTROL}))


def test_padding_does_not_push_the_last_link_out() -> None:
    anchors = [Anchor("html:a", f"https://h{number}.com/") for number in range(5000)]

    found = subject.inventory(message(html("", *anchors)), subject.LinkLimits(links=100))

    assert len(found.links) == 100
    assert (found.links[0].host, found.links[-1].host) == ("h0.com", "h4999.com")
    assert found.defects == ("links-truncated",)


def test_padding_of_text_does_not_push_the_last_link_out() -> None:
    text = " ".join(f"https://h{number}.com/" for number in range(3000))

    assert "h2999.com" in {link.host for link in links(plain(text))}


HOME = [f"https://home.example.com/{number}" for number in range(4000)]
PADDED = [*HOME[:2000], "https://evil.example.net/x", *HOME[2000:]]


@pytest.mark.parametrize("document", [
    html("", *(Anchor("html:a", url) for url in PADDED)),
    plain("\n".join(PADDED)),
    plain("\n".join(PADDED), own="nothing"),
])  # fmt: skip
def test_padding_does_not_hide_a_link_in_the_middle(document: Document) -> None:
    found = subject.inventory(message(document), subject.LinkLimits(links=100))

    assert [link.target for link in found.links if link.domain == "example.net"] == [PADDED[2000]]
    assert len(found.links) == 100
    assert found.defects == ("links-truncated",)


def test_pages_of_a_list_in_the_header() -> None:
    fields = (
        HeaderField("list-help", b"", "<mailto:a@b.example>, <https://lists.example.com/help>"),
        HeaderField("list-post", b"", "<https://lists.example.com/post> (web)"),
        HeaderField("list-archive", b"", "<https://lists.example.com/archive>"),
    )
    found = subject.inventory(message(fields=fields)).links

    assert [(link.source, link.path, link.part) for link in found] == [
        ("header:list-help", "/help", "header"),
        ("header:list-post", "/post", "header"),
    ]


def test_what_is_only_loaded_tricks_nobody() -> None:
    url = "https://brand.com@192.0.2.1:81/"
    loaded, clicked = links(html("", Anchor("html:css", url), Anchor("html:a", url)))

    assert (loaded.tricks, loaded.host) == (frozenset(), clicked.host)
    assert clicked.tricks


@pytest.mark.parametrize(
    ("written", "inner"),
    [
        ("ms-word:ofe|u|https://pypi-helpcentre.org/x", "pypi-helpcentre.org"),
        ("ms-excel:ofv|u|http://files.example.net/a.xlsm", "files.example.net"),
        ("intent://scan/#Intent;S.browser_fallback_url=https%3A%2F%2Fevil.com%2F;end", "evil.com"),
        ("data:text/html,<a href='https://evil.com/x'>go</a>", "evil.com"),
        ("data:text/html;base64,PGEgaHJlZj0iaHR0cHM6Ly9ldmlsLmNvbS94Ij4=", "evil.com"),
    ],
)
def test_links_for_other_programs_keep_the_page_inside(written: str, inner: str) -> None:
    (link,) = links(html("", Anchor("html:a", written)))

    assert inner in link.candidates


def test_long_text_is_cut() -> None:
    document = plain("x" * 100 + " https://evil.com/")

    found = subject.inventory(message(document), subject.LinkLimits(text=50))

    assert (found.links, found.defects) == ((), ("link-text-truncated",))


@given(st.lists(st.tuples(st.text(max_size=40), st.text(max_size=40), st.text(max_size=20))))
def test_never_raises(places: list[tuple[str, str, str]]) -> None:
    anchors = [Anchor("html:a", url, shown, base) for url, shown, base in places]
    found = subject.inventory(message(html(" ".join(map("".join, places)), *anchors)))

    assert len(set(found.links)) == len(found.links)


def test_warm_reads_everything() -> None:
    subject.warm()

    assert subject.inventory(message()).links == ()
