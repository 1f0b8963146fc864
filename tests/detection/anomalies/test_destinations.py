import pytest

from support.oddly import linked, mail, where


def hosts(links: object) -> list[str]:
    return [link.host for link in links]  # type: ignore[attr-defined]


def test_sorts_links_by_whose_they_are() -> None:
    message = mail(
        linked(
            ("https://www.orchard.com/", "us"),
            ("https://other.com/", "them"),
            ("https://www.facebook.com/orchard", "profile"),
        )
        + '<img src="https://pictures.com/1.png">'
    )

    found = where(message)

    assert hosts(found.hyperlinks) == ["www.orchard.com", "other.com", "www.facebook.com"]
    assert hosts(found.actions) == ["www.orchard.com", "other.com"]
    assert hosts(found.foreign) == ["other.com"]


def test_quoted_links_are_nowhere() -> None:
    message = mail(f"<blockquote type=cite>{linked(('https://other.com/', 'x'))}</blockquote>")

    assert where(message).clickable == ()


def test_without_hyperlinks_written_urls_are_actions() -> None:
    assert hosts(where(mail("<p>See https://other.com/x and named.com</p>")).actions) == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://u1.ct.sendgrid.net/ls/click?upn=abc", True),  # a mail service
        ("https://orchard.us5.list-manage.com/track/click?u=1", True),  # another
        ("https://other.com/click?u=1", False),  # nobody we know
        ("https://docs.google.com/document/d/1", False),  # the host of a redirector, not its path
    ],
)
def test_known_services(url: str, expected: bool) -> None:
    found = where(mail(linked((url, "x"))))

    assert found.is_known(found.clickable[0]) is expected
