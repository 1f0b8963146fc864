import pytest

from phish_milter.detection.anomalies.author_field import author_field_anomalies
from phish_milter.detection.anomalies.model import Anomaly
from support.oddly import linked, mail, where

AWAY = linked(("https://other.com/x", "Open"))
HOME = linked(("https://www.orchard.com/x", "Open"))
NAMED = "Vale, Robin <a@orchard.com>"


@pytest.mark.parametrize(
    ("sender", "html", "signers", "odd"),
    [
        ("Prize Desk, <a@orchard.com>", AWAY, (), True),  # nothing before the address
        ("Prize Desk ,_<a@orchard.com>", AWAY, (), True),  # a mark before it
        ("Prize Desk,(<a@orchard.com>)", AWAY, (), True),  # the address in a comment
        ("Prize Desk <desk@orchard,com>", AWAY, (), True),  # inside the address
        ('"Prize", "Prize" <a@orchard.com>', AWAY, (), True),  # said twice
        ("Prize Desk, <a@orchard.com>", AWAY, ("orchard.com",), True),  # who signs that?
        ("Prize Desk, <a@orchard.com>", HOME, (), False),  # leads to nobody else
        (NAMED, AWAY, (), True),
        (NAMED, AWAY, ("orchard.com",), False),  # a person's program
        (NAMED, AWAY, ("other.com",), True),  # somebody else's signature
        ('"Vale, Robin" <a@orchard.com>', AWAY, (), False),  # as programs write it
        ("=?utf-8?Q?Vale,_Robin?= <a@orchard.com>", AWAY, (), False),
        ("Robin (Vale, Orchard) <a@orchard.com>", AWAY, (), False),  # in a comment
        ("A <a@orchard.com>, B <b@orchard.com>", AWAY, (), False),  # two authors
        ("A <a@orchard.com>,", AWAY, (), False),  # obsolete, but allowed
        (",", AWAY, (), False),
    ],
)
def test_items_without_an_address(
    sender: str, html: str, signers: tuple[str, ...], *, odd: bool
) -> None:
    message = mail(html, sender=sender)

    found = {a.anomaly for a in author_field_anomalies(message, where(message, *signers))}

    assert found == ({Anomaly.ITEM_NO_ADDRESS} if odd else set())
