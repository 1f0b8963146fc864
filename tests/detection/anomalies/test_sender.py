import pytest

from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.detection.anomalies.sender import sender_anomalies
from support.oddly import linked, mail, where

AWAY = linked(("https://other.com/x", "Open"))
HOME = linked(("https://www.orchard.com/x", "Open"))
NAME, ABSENT, SHOWS = Anomaly.BORROWED_NAME, Anomaly.OWNER_ABSENT, Anomaly.SHOWS_OTHER_ADDRESS
LETTERS, DIFFER, NONE = Anomaly.DISGUISED_LETTERS, Anomaly.AUTHORS_DIFFER, Anomaly.NO_SENDER_DOMAIN
HOSTED, RANDOM = Anomaly.HOSTED_SENDER, Anomaly.RANDOM_SENDER


@pytest.mark.parametrize(
    ("sender", "html", "expected"),
    [
        ("Office <desk@orchard.com>", AWAY, set()),  # nothing odd
        ("Netflix <desk@orchard.com>", HOME, {NAME}),  # a stranger's name
        ("Netflix <desk@orchard.com>", AWAY, {NAME, ABSENT}),  # and a third party
        ("Netflix <a@mail.netflix.com>", AWAY, set()),  # its own
        ("NetfIix <desk@orchard.com>", HOME, {NAME, LETTERS}),  # drawn like it
        ('"a@bank.com" <desk@orchard.com>', "", {SHOWS}),  # another address
        ('"Bank.com" <desk@orchard.com>', "", {SHOWS}),  # another host
        ('"Orchard.de" <desk@orchard.com>', "", set()),  # its own name, another suffix
        ('"a@bank.com via Sign" <desk@orchard.com>', "", set()),  # says for whom
        ('"Dr. Node.js" <desk@orchard.com>', "", set()),  # no host
        ("A <a@orchard.com>, B <b@other.com>", "", {DIFFER}),  # two owners
        ("A <a@orchard.com>, B <b@x.orchard.com>", "", set()),  # one owner
        ("A <a@parcels>", AWAY, {NONE}),  # no such domain
        ("A <root@nas>", "", set()),  # a machine without hyperlinks
        ("A <a@lounge-7.web.app>", AWAY, {HOSTED}),  # a platform's subdomain
        ("A <a@web.app>", AWAY, set()),  # the platform itself
        ("A <a@k3v9x2q7m1.com>", "", {RANDOM}),  # drawn by lot
    ],
)
def test_oddities_of_the_sender(sender: str, html: str, expected: set[Anomaly]) -> None:
    message = mail(html, sender=sender)

    assert {odd.anomaly for odd in sender_anomalies(message, where(message))} == expected


NETFLIX = linked(("https://www.netflix.com/new", "New"), ("https://netflix.com/u", "Stop"))
BENEFITS = "Netflix Benefits at Orchard <desk@orchard.com>"


@pytest.mark.parametrize(
    ("sender", "html", "signers", "expected"),
    [
        ("Netflix <desk@orchard.com>", AWAY, ("mail.netflix.com",), set()),  # it signed
        ("Netflix <desk@orchard.com>", AWAY, ("orchard.com",), {NAME, ABSENT}),
        ("Netflix <desk@orchard.com>", NETFLIX, (), set()),  # leads to nobody else
        ("Netflix <desk@orchard.com>", NETFLIX + AWAY, (), {NAME}),
        ("Netflix <desk@orchard.com>", "", (), {NAME}),  # leads nowhere: an answer does
        ("NetfIix <desk@orchard.com>", NETFLIX, (), {NAME, LETTERS}),  # why draw it?
        (
            "Google <desk@orchard.com>",
            linked(("https://docs.google.com/forms/d/1", "Form")),
            (),
            {NAME},  # anybody's form
        ),
        (BENEFITS, AWAY, ("orchard.com",), set()),  # says who writes for whom
        (BENEFITS, AWAY, (), {NAME, ABSENT}),  # but who knows?
        ("Netflix at Grove <desk@orchard.com>", AWAY, ("orchard.com",), {NAME, ABSENT}),
    ],
)
def test_who_answers_for_a_name(
    sender: str, html: str, signers: tuple[str, ...], expected: set[Anomaly]
) -> None:
    message = mail(html, sender=sender)

    found = sender_anomalies(message, where(message, *signers))

    assert {odd.anomaly for odd in found} == expected


def test_a_disguised_subject() -> None:
    message = mail(subject="Your \u0430ccount")

    (odd,) = sender_anomalies(message, where(message))

    assert odd.anomaly is LETTERS
    assert "U+0430" in odd.evidence
