import pytest

from phish_milter.detection.anomalies.organisations import borrowed, is_known, warm


@pytest.mark.parametrize(
    ("display_name", "owner"),
    [
        ("Netflix", "netflix"),  # alone
        ("NETFLIX - your plan", "netflix"),  # and more
        ("Netflix.com", ""),  # a host, judged as one
        ("\u2605 Royal Mail \u2605", "royal mail"),  # decorated
        ("N\u0435tflix", "netflix"),  # with a Cyrillic letter
        ("Chase", "chase"),  # a surname, alone
        ("Chase Security", "chase"),  # a surname, as an office
        ("Chase Douglas", ""),  # a surname, of a person
        ("Oliver Norton", ""),  # not at the beginning
        ("PayPal Users Group", ""),  # about it
        ("Jane via Dropbox", ""),  # through it
        ("Dropbox via Jane", ""),  # the same
        ("Netflixer", ""),  # another word
        ("", ""),
    ],
)
def test_whose_name_is_borrowed(display_name: str, owner: str) -> None:
    found = borrowed(display_name)

    assert (found.organisation.name if found else "") == owner


def test_a_name_that_is_only_drawn_like_it() -> None:
    found = borrowed("NetfIix Support")

    assert found is not None
    assert found.imitated


@pytest.mark.parametrize(
    ("name", "host", "expected"),
    [
        ("PayPal", "e.paypal.com", True),  # listed, with subdomains
        ("PayPal", "paypal.it", True),  # its name under any suffix
        ("PayPal", "paypal.orchard.com", False),  # its name below somebody else's
        ("PayPal", "paypal-help.com", False),  # its name and a word
        ("Best Buy", "best-buy.ca", True),  # written apart
    ],
)
def test_whose_host_it_is(name: str, host: str, expected: bool) -> None:
    found = borrowed(name)

    assert found is not None
    assert found.organisation.owns(host) is expected


def test_every_line_of_the_list_can_be_read() -> None:
    warm()

    assert is_known("www.dhl.de")
    assert not is_known("orchard.com")
