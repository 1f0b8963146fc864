"""
The explicit register of checks: what each can say, and how to run them all.

A check looks at facts and reports findings; it knows no score, no setting and no other check.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from phish_milter.detection.checks import (
    account_appeal,
    author_conflict,
    block_list,
    borrowed_name,
    brand_page_elsewhere,
    brand_path_link,
    broken_proof,
    carried_words,
    credential_form,
    disguised_brand,
    disguised_letters,
    display_name,
    domain_facts,
    foreign_author,
    foreign_command,
    foreign_mail,
    foreign_target,
    hidden_target,
    hosted_target,
    link_text_mismatch,
    listed_host,
    lone_target,
    lookalike_link,
    lookalike_sender,
    lure,
    name_shows_address,
    odd_host,
    odd_sender,
    origin_proof,
    pressing_stranger,
    reader_in_link,
    reply_diverted,
    scripted_attachment,
    sender_domain,
    signature,
    subject_tag,
    template_wording,
    uploaded_content,
    url_trick,
)
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Symbol

# A new check is one line here; the order is the order of findings in reports.
CHECKS = (
    sender_domain,
    lookalike_sender,
    display_name,
    subject_tag,
    signature,
    template_wording,
    foreign_author,
    author_conflict,
    disguised_brand,
    lookalike_link,
    brand_page_elsewhere,
    brand_path_link,
    link_text_mismatch,
    foreign_target,
    uploaded_content,
    credential_form,
    foreign_command,
    broken_proof,
    carried_words,
    reply_diverted,
    lure,
    origin_proof,
    url_trick,
    borrowed_name,
    disguised_letters,
    name_shows_address,
    odd_sender,
    hosted_target,
    hidden_target,
    foreign_mail,
    lone_target,
    odd_host,
    reader_in_link,
    scripted_attachment,
    pressing_stranger,
    account_appeal,
    listed_host,
)

# These look at answers of DNS, after the scan; ``phish_milter.scanning.domain_lookups`` runs them.
LATE = (domain_facts, block_list)

ALL = (*CHECKS, *LATE)

SYMBOLS: Mapping[str, Symbol] = MappingProxyType(
    {symbol.name: symbol for check in ALL for symbol in check.SYMBOLS}
)


def run(facts: Facts) -> Iterator[Finding]:
    """Yield every finding of every check, in the order of the register."""
    for check in CHECKS:
        yield from check.check(facts)
