"""The links of a document while it is being read."""

from phish_milter.message.html.link_collector import LinkCollector


def test_order_base_and_quotes() -> None:
    collector = LinkCollector(lambda _: None)
    collector.element("a", {"href": "one"}, 0, quoted=False)
    collector.element("base", {"href": "https://a.example/"}, 0, quoted=False)
    collector.element("base", {"href": "https://b.example/"}, 0, quoted=False)  # the first counts
    collector.element("a", {"href": "two"}, 5, quoted=True)
    collector.element("a", {"href": "three"}, 9, quoted=False)

    anchors = collector.finish(limit=10, cut=7)

    assert [(a.url, a.base, a.quoted) for a in anchors] == [
        ("one", "https://a.example/", False),
        ("two", "https://a.example/", True),
        ("three", "https://a.example/", True),  # behind the cut
    ]


def test_a_form_that_asks_for_a_secret() -> None:
    said: list[str] = []
    collector = LinkCollector(said.append)
    collector.element("form", {"action": "https://a.example/"}, 0, quoted=False)
    collector.element("input", {"type": "password", "placeholder": "Password"}, 0, quoted=False)
    collector.element("input", {"type": "submit", "value": "Go"}, 0, quoted=False)
    collector.end_form()
    collector.element("form", {"action": "https://b.example/"}, 0, quoted=False)

    assert [a.asks_secret for a in collector.finish(limit=10, cut=10)] == [True, False]
    assert said == ["Password", "Go"]


def test_too_many_links_keep_both_ends() -> None:
    collector = LinkCollector(lambda _: None)
    for number in range(100):
        collector.element("a", {"href": str(number)}, number, quoted=False)

    kept = [anchor.url for anchor in collector.finish(limit=10, cut=1000)]

    assert kept == ["0", "1", "2", "3", "4", "5", "6", "7", "98", "99"]


def test_too_many_links_keep_the_one_that_leads_elsewhere() -> None:
    collector = LinkCollector(lambda _: None)
    for number in range(4000):
        url = "https://Evil.example/" if number == 2000 else f"https://a.example/{number}"
        collector.element("a", {"href": url}, number, quoted=False)

    kept = [anchor.url for anchor in collector.finish(limit=1000, cut=9999)]

    assert "https://Evil.example/" in kept
    assert (len(kept), kept[0], kept[-1]) == (1000, "https://a.example/0", "https://a.example/3999")
