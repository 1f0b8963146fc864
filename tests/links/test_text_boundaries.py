import pytest

from phish_milter.links import text_boundaries as subject


@pytest.mark.parametrize(
    ("text", "start", "link"),
    [
        ("http://a.example/.", 0, "http://a.example/"),  # end of a sentence
        ("http://a.example/?!", 0, "http://a.example/"),
        ("http://a.example/x)", 0, "http://a.example/x"),  # never opened
        ("http://a.example/x(y)", 0, "http://a.example/x(y)"),  # opened inside
        ("(http://a.example/x(y)z)w", 1, "http://a.example/x(y)z"),
        ("`http://a.example/x`y", 1, "http://a.example/x"),
        ("http://a.example](http://b.example)", 0, "http://a.example"),  # Markdown
        ("http://a.example/$", 0, "http://a.example/$"),  # rewriters end their links so
        ("http://a.example/_", 0, "http://a.example/_"),  # part of tokens
    ],
)
def test_trimmed(text: str, start: int, link: str) -> None:
    assert text[start : subject.trimmed(text, start, len(text))] == link
