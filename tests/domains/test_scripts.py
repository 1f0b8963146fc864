import pytest

from phish_milter.domains import scripts as subject


@pytest.mark.parametrize(
    ("host", "mixed"),
    [
        ("host.example", False),
        ("xn--mnchen-3ya.example", False),  # Latin with an umlaut
        ("xn--e1afmkfd.example", False),  # Cyrillic throughout
        ("xn--aul-zed.example", True),  # Cyrillic er before Latin letters
        ("xn--ab-5t7du0c.example", False),  # Japanese firms mix Latin and kanji
        ("xn--.example", False),  # not decodable
        ("xn--99999999.example", False),
    ],
)
def test_is_mixed(host: str, mixed: bool) -> None:
    assert subject.is_mixed(host) is mixed


def test_readable() -> None:
    assert subject.readable("www.xn--mnchen-3ya.example") == "www.m\u00fcnchen.example"
