import pytest

from phish_milter.authentication.model import Authentication, DkimResult, Result
from phish_milter.detection.anomalies.destinations import destinations
from phish_milter.detection.anomalies.lone_target import lone_target_anomalies
from phish_milter.detection.anomalies.model import Anomaly
from support.oddly import linked, mail, where

LONE, PICTURE = Anomaly.LONE_ODD_TARGET, Anomaly.PICTURE_MAIL
TOKEN = "kW7vRm3ZyQ6pTw2YdB9nHc4JgF"
LETTER = f"<p>{'Many words about the garden. ' * 12}</p>"
IMAGE = '<IMG SRC="https://pics.example/1.png">'


@pytest.mark.parametrize(
    ("url", "odd"),
    [
        ("https://w4kz8pm2tq9.com/a", True),  # drawn by lot
        ("https://garden-offers.icu/a", True),  # costs nothing
        ("https://garden-offers.web.app/a", True),  # anybody publishes there
        ("https://t.co/a1", True),  # shortened
        (f"https://garden-offers.com/{TOKEN}", True),  # says nothing
        ("https://garden-offers.com/autumn", False),
        ("https://garden-offers.com/a/0123456789abcdef0123456789abcdef", False),  # a number
        ("https://garden-offers.com/why-we-moved-the-garden-2026-to-the-hill", False),  # words
        (f"https://www.paypal.com/{TOKEN}", False),  # well known
        ("https://www.orchard.com/" + TOKEN, False),  # the author's own
    ],
)
def test_the_only_target(url: str, *, odd: bool) -> None:
    message = mail(LETTER + linked((url, "Open"), (url, "Stop")))

    found = {a.anomaly for a in lone_target_anomalies(message, where(message))}

    assert found == ({LONE} if odd else set())


@pytest.mark.parametrize(
    ("html", "signers", "expected"),
    [
        (linked(("https://offers.icu/a", "Open")), (), {LONE}),
        (linked(("https://offers.icu/a", "Open")), ("offers.icu",), set()),  # signed by it
        (linked(("https://offers.icu/a", "https://offers.icu/a")), (), set()),  # in sight
        (linked(("https://offers.icu/", "a"), ("https://shop.com/", "b")), (), set()),  # two
        (linked(("https://offers.icu/", "a"), ("https://orchard.com/", "b")), (), set()),
        (linked(("https://shop.com/a", IMAGE)), (), {PICTURE}),
        (linked(("https://shop.com/a", IMAGE), ("https://stop.com/", "x")), (), {PICTURE}),
        (linked(("https://shop.com/a", IMAGE), ("https://orchard.com/", "x")), (), set()),
        (linked(("https://shop.com/a", IMAGE)), ("shop.com",), set()),
        (LETTER + linked(("https://shop.com/a", IMAGE)), (), set()),  # it has words
        (linked(("https://shop.com/a", "x")), (), set()),  # no picture
        (linked(*((f"https://shop{n}.com/", IMAGE) for n in range(3))), (), set()),
        (IMAGE, (), set()),  # opens nothing
    ],
)
def test_who_else_is_in_the_mail(
    html: str, signers: tuple[str, ...], expected: set[Anomaly]
) -> None:
    message = mail(html)

    found = {a.anomaly for a in lone_target_anomalies(message, where(message, *signers))}

    assert found == expected


@pytest.mark.parametrize(
    ("links", "odd"),
    [
        ((f"{TOKEN}", f"{TOKEN}"), True),  # to go on and to stop is the same
        ((f"{TOKEN}", f"{TOKEN}x"), False),  # clicks are counted
        ((TOKEN,), False),
    ],
)
def test_tokens_where_the_author_signed(links: tuple[str, ...], *, odd: bool) -> None:
    named = [(f"https://offers.com/{path}", f"Go {n}") for n, path in enumerate(links)]
    message = mail(LETTER + linked(*named))

    found = {a.anomaly for a in lone_target_anomalies(message, where(message, "orchard.com"))}

    assert found == ({LONE} if odd else set())


@pytest.mark.parametrize(
    ("known", "signers"),
    [
        (Authentication(signed_domains=("mail.shop.com",)), {"shop.com"}),  # nobody looked
        (Authentication(source="own", signed_domains=("shop.com",)), set()),  # it did not hold
        (Authentication(dkim=(DkimResult("shop.com", Result.FAIL),)), set()),
        (
            Authentication(
                dkim=(DkimResult("a.shop.com", Result.PASS),), signed_domains=("x.com",)
            ),
            {"shop.com"},
        ),
        (Authentication(), set()),
    ],
)
def test_whose_signature_is_believed(known: Authentication, signers: set[str]) -> None:
    assert destinations(mail(), (), known).signers == signers
