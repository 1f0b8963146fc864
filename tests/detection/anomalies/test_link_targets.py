import pytest

from phish_milter.detection.anomalies.link_targets import target_anomalies, warm
from phish_milter.detection.anomalies.model import Anomaly
from support.oddly import linked, mail, where

ONE, BULK = Anomaly.ONE_FOREIGN_TARGET, Anomaly.BULK_ELSEWHERE
HOSTED, STORAGE = Anomaly.HOSTED_TARGET, Anomaly.STORAGE_TARGET
SHORT, HIDDEN, SENT_ON = (
    Anomaly.SHORTENED_ONLY,
    Anomaly.UNSUBSCRIBE_HIDDEN,
    Anomaly.PUBLIC_REDIRECT,
)
ADDRESS, CODED, LOGIN = Anomaly.ADDRESS_TARGET, Anomaly.PUNYCODE_LABEL, Anomaly.LOGIN_LABEL
HOME = ("https://www.orchard.com/", "Home")


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([], set()),  # no links
        ([HOME], set()),  # its own
        ([("https://other.com/", "x")], {ONE}),  # one stranger
        ([("https://other.com/", "x"), HOME], set()),  # among others
        ([("https://other.com/", "x"), ("https://o.com/u", "Abmelden")], set()),  # two owners
        ([("https://o.com/", "x"), ("https://o.com/u", "Abmelden")], {BULK}),  # with the way out
        ([("https://o.com/", "x"), ("https://o.com/u", "\u9000\u8ba2")], {BULK}),  # in Chinese
        ([("https://u1.ct.sendgrid.net/ls/click?upn=a", "x")], set()),  # a mail service
        ([("https://x.webflow.io/", "x"), HOME], {HOSTED}),  # a site builder
        ([("https://b.s3.amazonaws.com/p.html", "x"), HOME], {STORAGE}),  # a page in storage
        ([("https://b.s3.amazonaws.com/p", "x"), HOME], {STORAGE}),  # what shows as a page
        ([("https://b.s3.amazonaws.com/report.pdf", "x"), HOME], set()),  # a file in storage
        ([("https://bit.ly/a", "x")], {SHORT}),  # shortened behind words
        ([("https://bit.ly/a", "https://bit.ly/a")], set()),  # shortened in sight
        ([("https://bit.ly/a", "x"), HOME], set()),  # shortened among others
        ([("https://bit.ly/a", "unsubscribe"), HOME], {HIDDEN}),  # the way out
        ([("https://www.google.com/url?q=https://o.com/", "x"), HOME], {SENT_ON}),  # engine
        ([("https://o.com/go?url=https://p.com/", "x"), HOME], {SENT_ON}),  # open redirect
        ([("https://o.com/share?url=https://p.com/", "x"), HOME], set()),  # sharing
        ([("http://198.51.100.7/", "x"), HOME], {ADDRESS}),  # behind words
        ([("http://198.51.100.7/", "http://198.51.100.7/"), HOME], set()),  # in sight
        ([("https://xn--ppers-0qa.o.com/", "x"), HOME], {CODED}),  # below a plain domain
        ([("https://xn--bcher-kva.de/", "x"), HOME], set()),  # a domain of its own
        ([("https://secure-papers.com/", "x"), HOME], {LOGIN}),  # a stranger's
        ([("https://accounts.google.com/", "x"), HOME], set()),  # a known organisation's
        ([("https://login.orchard.com/", "x")], set()),  # its own
    ],
)
def test_oddities_of_targets(links: list[tuple[str, str]], expected: set[Anomaly]) -> None:
    warm()

    found = {odd.anomaly for odd in target_anomalies(where(mail(linked(*links))))}

    assert found == expected


def test_a_digest_may_lead_to_platforms() -> None:
    many = [(f"https://n{n}.com/", "x") for n in range(9)]

    found = target_anomalies(where(mail(linked(("https://x.webflow.io/", "x"), *many))))

    assert list(found) == []
