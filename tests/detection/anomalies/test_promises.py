import pytest

from phish_milter.detection.anomalies.promises import bait, warm
from phish_milter.text.folding import fold


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You've won a grinder", True),
        ("Herzlichen Gl\u00fcckwunsch!", True),
        ("\u606d\u559c\u60a8", True),
        ("you won't need it", False),  # another word
        ("the wardrobe is gone", False),
        ("", False),
    ],
)
def test_promises(text: str, expected: bool) -> None:
    warm()

    assert bool(bait([fold(text)])) is expected


def test_a_promise_deep_in_a_text_is_none() -> None:
    assert bait(["word " * 2_000 + "casino"]) == ""
