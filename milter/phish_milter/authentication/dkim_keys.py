"""Public keys in DNS (RFC 6376 section 3.6.1): which of them we accept."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from dkim.crypto import UnparsableKeyError, parse_public_key

from phish_milter.authentication.model import Result
from phish_milter.authentication.tag_list import parse_tags
from phish_milter.dns.questions import Answer, Kind, Question, dns_name

#: RFC 8301 section 3.2: shorter RSA keys are worthless, longer ones only cost us time.
MIN_RSA_BITS = 1024
MAX_RSA_BITS = 4096
#: Bits of the public exponent; 65537 has 17, and a huge one makes verification slow.
MAX_EXPONENT_BITS = 33
#: Bytes of an Ed25519 public key (RFC 8463 section 4.2).
ED25519_BYTES = 32
# Labels of RFC 5321 section 4.1.2, with the underscore that some signers use.
_SELECTOR = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


@dataclass(frozen=True, slots=True)
class Key:
    """
    A key, or why there is none.

    Attributes:
        record: The record of DNS, for the library that verifies; empty when unusable.
        result: What the signature is worth without it; ``pass`` when it is usable.
        reason: Why it is unusable, else "".
    """

    record: bytes
    result: Result
    reason: str = ""


def key_name(tags: Mapping[str, str]) -> str:
    """
    Return the name of the key of a signature, "" when it names none.

    A selector of other signs than RFC 6376 section 3.1 allows names none: resolvers refuse
    some such names, and a forger must not choose whether DNS fails.
    """
    selector, domain = tags.get("s", ""), tags.get("d", "")
    named = bool(domain) and _SELECTOR.fullmatch(selector) is not None
    return dns_name(f"{selector}._domainkey.{domain}") if named else ""


def key_question(tags: Mapping[str, str], kind: Kind) -> Question | None:
    """Return the question for the key of a signature, None when it names none."""
    name = key_name(tags)
    return Question(name, "TXT", kind) if name else None


def usable_key(answer: Answer, algorithm: str) -> Key:
    """
    Return the key to verify a signature of *algorithm* (``a=``) with.

    Of several records the first usable one counts (RFC 6376 leaves that open).
    """
    if answer.unknown:
        return Key(b"", Result.TEMPERROR, f"key not available: {answer.reason}")
    keys = [_key(record, algorithm) for record in answer.values]
    if not keys:
        return Key(b"", Result.PERMERROR, "no key for signature")
    return next((key for key in keys if key.record), keys[0])


@lru_cache(maxsize=256)
def _key(record: str, algorithm: str) -> Key:
    tags = parse_tags(record.encode("latin-1"))
    kind, _, hash_name = algorithm.partition("-")
    problem = _unsuitable(tags, kind, hash_name) or (
        _rsa_problem(tags["p"]) if kind == "rsa" else _ed25519_problem(tags["p"])
    )
    if problem:
        return Key(b"", *problem)
    return Key(record.encode("latin-1"), Result.PASS)


def _unsuitable(tags: Mapping[str, str], kind: str, hash_name: str) -> tuple[Result, str] | None:
    """Return what keeps a record from being a key for such signatures, None when nothing."""
    hashes = tags.get("h", hash_name).replace(" ", "").split(":")
    services = tags.get("s", "*").replace(" ", "").split(":")
    if "p" not in tags or tags.get("v", "DKIM1") != "DKIM1":
        return Result.PERMERROR, "malformed key"
    if not tags["p"]:
        return Result.PERMERROR, "key revoked"
    if tags.get("k", "rsa") != kind:
        return Result.PERMERROR, "key of another algorithm"
    if hash_name not in hashes:
        return Result.PERMERROR, "hash not allowed by the key"
    if not {"*", "email"} & set(services):
        return Result.PERMERROR, "key is not for mail"
    return None


def _rsa_problem(encoded: str) -> tuple[Result, str] | None:
    try:
        key = parse_public_key(base64.b64decode(encoded))
    except (UnparsableKeyError, ValueError, IndexError, KeyError, TypeError):
        return Result.PERMERROR, "malformed key"
    bits = key["modulus"].bit_length()
    if not MIN_RSA_BITS <= bits <= MAX_RSA_BITS:
        return Result.POLICY, f"RSA key of {bits} bits"
    if key["publicExponent"].bit_length() > MAX_EXPONENT_BITS:
        return Result.POLICY, "RSA key with a huge exponent"
    return None


def _ed25519_problem(encoded: str) -> tuple[Result, str] | None:
    try:
        size = len(base64.b64decode(encoded))
    except (binascii.Error, ValueError):
        size = 0
    return None if size == ED25519_BYTES else (Result.PERMERROR, "malformed key")
