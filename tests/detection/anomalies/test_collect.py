from hypothesis import given
from hypothesis import strategies as st

from phish_milter.authentication.model import Authentication
from phish_milter.detection.anomalies.collect import anomalies, warm
from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.message.parse import Limits, parse
from support.oddly import ENVELOPE, linked, links_of, mail

NOBODY_LOOKED = Authentication()


def test_each_oddity_once_in_a_stable_order() -> None:
    warm()
    message = mail(
        linked(("https://x.webflow.io/1", "a"), ("https://x.webflow.io/2", "b")),
        sender="Netflix <desk@orchard.com>",
    )

    found = [odd.anomaly for odd in anomalies(message, ENVELOPE, links_of(message), NOBODY_LOOKED)]

    assert found == [
        Anomaly.BORROWED_NAME,
        Anomaly.OWNER_ABSENT,
        Anomaly.HOSTED_TARGET,
        Anomaly.ONE_FOREIGN_TARGET,
        Anomaly.LONE_ODD_TARGET,
    ]


def test_an_ordinary_mail_has_none() -> None:
    message = mail(linked(("https://www.orchard.com/", "Home"), ("https://other.com/", "Other")))

    assert anomalies(message, ENVELOPE, links_of(message), NOBODY_LOOKED) == ()


@given(st.binary(max_size=400))
def test_no_mail_is_too_strange(raw: bytes) -> None:
    message = parse(b"From: " + raw, Limits())

    assert isinstance(anomalies(message, ENVELOPE, links_of(message), NOBODY_LOOKED), tuple)
