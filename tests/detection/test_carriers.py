"""Who carries strangers' words, and whom a notification names."""

import tomllib

import pytest

from phish_milter.detection.carriers import UNLISTED, carrier_of, conveyed
from phish_milter.message.model import Mailbox
from phish_milter.message.parse import parse
from phish_milter.resources import data_directory
from phish_milter.text.wording import Wording


def names(subject: str, author: str = "Board <no-reply@board.example>") -> tuple[str, ...] | None:
    raw = f"From: {author}\r\nSubject: {subject}\r\n\r\nHello.\r\n"
    message = parse(raw.encode())
    found = conveyed(message, Wording.of(message))
    return None if found is None else found.names


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("no-reply@mail.notion.so", "workspace or whiteboard"),
        ("DSE@docusign.net", "electronic signature"),
        ("drive-shares-dm-noreply@google.com", "document sharing"),
        ("ines@google.com", None),  # a person
        ("ines@notion.so.example", None),
    ],
)
def test_listed_carriers(address: str, kind: str | None) -> None:
    found = carrier_of(Mailbox("", address))

    assert (found and found.kind) == kind


@pytest.mark.parametrize(
    ("subject", "named"),
    [
        ("ACME Desk invited you to Plans", "acme desk"),
        ("Reminder: ACME Desk sent you a file", "acme desk"),
        ("Invoice from ACME Desk (12)", "acme desk"),
        ('Message from "ACME Desk" about your order', "acme desk"),
        ("ACME Desk lädt Sie ein", "acme desk"),
        ("Convite de ACME Desk", "acme desk"),
        ("ACME posted results", None),  # a report about a third party
        ("Plans of ACME", None),
    ],
)
def test_whom_a_notification_names(subject: str, named: str | None) -> None:
    found = names(subject)

    assert found is None if named is None else named in (found or ())


def test_a_listed_carrier_names_by_display_name_and_by_what_it_reports() -> None:
    found = names("[x] ACME Bot commented on #4", '"ACME Team (via Notion)" <a@mail.notion.so>')

    assert found is not None
    assert {"ACME Team", "acme bot"} <= set(found)


def test_every_sender_is_listed_once_and_in_lower_case() -> None:
    table = tomllib.loads((data_directory() / "lists" / "carriers.toml").read_text())["carriers"]
    senders = [sender for entry in table for sender in entry["senders"]]

    assert len(senders) == len(set(senders))
    assert all(sender == sender.lower() and "." in sender for sender in senders)
    assert all(entry["kind"] != UNLISTED.kind for entry in table)
