"""The vocabulary of anomalies: what can be strange about a mail, and how a human can see it."""

from dataclasses import dataclass
from enum import StrEnum


class Anomaly(StrEnum):
    """One way in which a mail differs from what honest senders do; none proves anything."""

    BORROWED_NAME = "borrowed_name"
    OWNER_ABSENT = "owner_absent"
    DISGUISED_LETTERS = "disguised_letters"
    SHOWS_OTHER_ADDRESS = "shows_other_address"
    AUTHORS_DIFFER = "authors_differ"
    NO_SENDER_DOMAIN = "no_sender_domain"
    HOSTED_SENDER = "hosted_sender"
    RANDOM_SENDER = "random_sender"
    HOSTED_TARGET = "hosted_target"
    STORAGE_TARGET = "storage_target"
    SHORTENED_ONLY = "shortened_only"
    UNSUBSCRIBE_HIDDEN = "unsubscribe_hidden"
    PUBLIC_REDIRECT = "public_redirect"
    ONE_FOREIGN_TARGET = "one_foreign_target"
    BULK_ELSEWHERE = "bulk_elsewhere"
    ADDRESS_TARGET = "address_target"
    PUNYCODE_LABEL = "punycode_label"
    LOGIN_LABEL = "login_label"
    READER_NAMED = "reader_named"
    READER_ENCODED = "reader_encoded"
    ITEM_NO_ADDRESS = "item_no_address"
    PICTURE_MAIL = "picture_mail"
    LONE_ODD_TARGET = "lone_odd_target"
    SCRIPTED_ATTACHMENT = "scripted_attachment"


@dataclass(frozen=True, slots=True)
class SeenAnomaly:
    """
    One anomaly seen in one mail.

    Attributes:
        anomaly: What is odd.
        evidence: Where and how; may hold text of the mail.
    """

    anomaly: Anomaly
    evidence: str
