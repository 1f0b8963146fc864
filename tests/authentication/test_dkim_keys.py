"""Public keys in DNS: where they lie, and which of them we accept."""

import pytest

from phish_milter.authentication.dkim_keys import key_name, key_question, usable_key
from phish_milter.authentication.model import Result
from phish_milter.dns.questions import Answer, Kind, Question, Status
from support.signing import record


@pytest.mark.parametrize(
    ("selector", "domain", "name"),
    [
        ("k", "pypi.org", "k._domainkey.pypi.org"),
        ("2024_a.mail", "PyPI.org.", "2024_a.mail._domainkey.pypi.org"),
        ("", "pypi.org", ""),
        ("k", "", ""),
        ("k k", "pypi.org", ""),
        ("k.", "pypi.org", ""),
        ("k" * 64, "pypi.org", ""),  # longer than a label of DNS
    ],
)
def test_where_a_key_lies(selector: str, domain: str, name: str) -> None:
    tags = {"s": selector, "d": domain}

    assert key_name(tags) == name
    question = key_question(tags, Kind.DKIM)
    assert question == (Question(name, "TXT") if name else None)


def key(*records: str, algorithm: str = "rsa-sha256") -> tuple[Result, str]:
    found = usable_key(Answer(Status.FOUND, records), algorithm)
    assert bool(found.record) == (found.result is Result.PASS)
    return found.result, found.reason


@pytest.mark.parametrize(
    ("written", "result", "reason"),
    [
        (record(), Result.PASS, ""),
        (record("rsa1024"), Result.PASS, ""),
        (record("rsa768"), Result.POLICY, "RSA key of 768 bits"),
        (record() + "; h=sha1", Result.PERMERROR, "hash not allowed by the key"),
        (record() + "; s=tlsrpt", Result.PERMERROR, "key is not for mail"),
        (record("ed25519"), Result.PERMERROR, "key of another algorithm"),
        ("v=DKIM1; p=", Result.PERMERROR, "key revoked"),
        ("v=DKIM1; p=AAAA", Result.PERMERROR, "malformed key"),
        ("v=spf1 -all", Result.PERMERROR, "malformed key"),
    ],
)
def test_a_record(written: str, result: Result, reason: str) -> None:
    assert key(written) == (result, reason)


def test_a_short_ed25519_key_is_malformed() -> None:
    assert key("k=ed25519; p=AAAA", algorithm="ed25519-sha256")[1] == "malformed key"
    assert key(record("ed25519"), algorithm="ed25519-sha256")[0] is Result.PASS


def test_the_first_usable_of_several_records_counts() -> None:
    assert key("v=spf1 -all", record())[0] is Result.PASS


def test_no_answer_is_no_verdict() -> None:
    unknown = usable_key(Answer(Status.UNKNOWN, reason="timeout"), "rsa-sha256")
    missing = usable_key(Answer(Status.NXDOMAIN), "rsa-sha256")

    assert (unknown.result, unknown.reason) == (Result.TEMPERROR, "key not available: timeout")
    assert (missing.result, missing.reason) == (Result.PERMERROR, "no key for signature")
