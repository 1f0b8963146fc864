"""Which hidden text is read all the same."""

import pytest

from phish_milter.message.html.link_collector import CollectedLink
from phish_milter.message.html.unseen import Unseen

LINK = CollectedLink("html:a", "https://a.example/", 0, unseen=0)
QUOTED = CollectedLink("html:a", "https://a.example/", 0, quoted=True, unseen=0)
SEEN = CollectedLink("html:a", "https://a.example/", 0)


@pytest.mark.parametrize(
    ("text", "doubtful", "draft", "visible", "read"),
    [
        ("preview", False, SEEN, "the whole letter", False),
        ("preview", False, LINK, "the whole letter", True),
        ("preview", False, QUOTED, "the whole letter", False),
        ("preview", True, SEEN, "the whole letter", True),
        ("preview", False, SEEN, "Hello,", True),  # it outweighs the rest
        ("preview " * 30, False, SEEN, "letter " * 99, True),  # a letter
        ("\u034f\u200c\xa0" * 300, False, LINK, "", False),  # fills a preview line
    ],
)
def test_reading(text: str, doubtful: bool, draft: CollectedLink, visible: str, read: bool) -> None:
    unseen = Unseen()
    unseen.add(text, 0, quoted=False, doubtful=doubtful)

    assert unseen.reading(visible, [draft], 1) == (text if read else "")


def test_quoted_text_is_not_read() -> None:
    unseen = Unseen()
    unseen.add("quoted", 0, quoted=True, doubtful=True)
    unseen.add("below an Outlook header", 7, quoted=False, doubtful=True)

    assert unseen.reading("", [LINK], 5) == ""
    assert unseen.text(1) == "below an Outlook header"
    assert len(unseen) == 2
