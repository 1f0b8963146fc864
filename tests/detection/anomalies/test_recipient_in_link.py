import base64

import pytest

from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.detection.anomalies.recipient_in_link import recipient_anomalies
from support.oddly import ENVELOPE, linked, mail, where

BASE64 = base64.urlsafe_b64encode(b"dev@example.net").decode().rstrip("=")
OTHER = base64.urlsafe_b64encode(b"somebody@else.org").decode()
NAMED, ENCODED = Anomaly.READER_NAMED, Anomaly.READER_ENCODED


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://other.com/x?e=dev@example.net", {NAMED}),  # plainly
        ("https://other.com/x?e=Dev%40Example.net", {NAMED}),  # percent-encoded
        ("https://other.com/x#dev@example.net", {ENCODED}),  # where no server sees it
        (f"https://other.com/{BASE64}/x", {ENCODED}),  # base64
        (f"https://other.com/x?t={OTHER}", {ENCODED}),  # of an address we do not know
        (f"https://other.com/{b'dev@example.net'.hex()}", {ENCODED}),  # hexadecimal
        ("https://other.com/x?e=you@other.com", set()),  # somebody else's, plainly
        ("https://other.com/4f2a99c1d3e7b80055aa", set()),  # a number
        ("https://other.com/SGVsbG8gd29ybGQgZm9sa3M", set()),  # base64 of something else
        ("https://www.orchard.com/x?e=dev@example.net", set()),  # the sender's own host
        (f"https://www.orchard.com/{BASE64}", set()),  # the same
    ],
)
def test_the_reader_in_a_link(url: str, expected: set[Anomaly]) -> None:
    message = mail(linked((url, "Open")))

    found = {odd.anomaly for odd in recipient_anomalies(message, ENVELOPE, where(message))}

    assert found == expected
