"""Role addresses among the recipients."""

import pytest

from phish_milter.policy.decision import RoleRecipients
from phish_milter.policy.recipients import role_recipients

ROLES = ("abuse@example.net", "security@", "postmaster@example.org")
DOMAINS = ("example.net", "xn--bcher-kva.example", "xn--strae-oqa.example")


@pytest.mark.parametrize(
    ("recipients", "expected"),
    [
        ([], "none"),  # nobody is no role
        (["joe@example.net"], "none"),
        (["abuse@example.net"], "all"),
        (["ABUSE+pypi@Example.NET"], "all"),  # case and extension do not matter
        (["<abuse@example.net>"], "all"),
        (['"abuse"@example.net'], "all"),  # the same mailbox, quoted
        (["abuse@example.org"], "none"),  # another domain's
        (["security@example.net"], "all"),  # at each of the site's domains
        (["security@bücher.example"], "all"),  # SMTPUTF8 writes it so
        (["security@straße.example"], "all"),  # as browsers and mailers of today read it
        (["security@strasse.example"], "none"),  # another owner's
        (["security@example.com"], "none"),
        (["postmaster"], "all"),  # RFC 5321: local without a domain
        (["abuser@example.net"], "none"),
        (["joe+abuse@example.net"], "none"),  # anybody can write that
        (["abuse@example.net", "postmaster@example.org"], "all"),
        (["abuse@example.net", "joe@example.net"], "some"),
    ],
)
def test_role_recipients(recipients: list[str], expected: str) -> None:
    assert role_recipients(recipients, ROLES, DOMAINS) is RoleRecipients(expected)


def test_without_roles_nobody_is_one() -> None:
    assert role_recipients(["postmaster"], (), DOMAINS) is RoleRecipients.NONE
