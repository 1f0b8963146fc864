"""Sign mail as senders and forwarders do; a second reading of RFC 6376 and RFC 8617."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from dkim.crypto import RSASSA_PKCS1_v1_5_sign, parse_pem_private_key
from nacl.signing import SigningKey

KEYS = Path(__file__).parent / "keys"
#: When everything in tests is signed, in seconds since 1970.
NOW = 1_760_000_000
SIGNED = ("Subject", "From", "To", "MIME-Version", "Content-Type", "Message-ID", "Date")
_ED25519 = SigningKey(hashlib.sha256(b"test only").digest())

Field = tuple[str, str]


def mail(
    author: str = "Registry <noreply@pypi.org>",
    body: str = "Hello,\r\n\r\nplease  read this. \r\n",
    more: str = "",
) -> bytes:
    """Return a mail of *author*; *more* are further header lines, CRLF at each end."""
    return (
        f"From: {author}\r\nTo: dev@example.net\r\nSubject: [Registry] A\r\n notice\r\n"
        "Date: Thu, 09 Oct 2025 08:53:20 +0000\r\nMessage-ID: <1@mail.example>\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n{more}\r\n{body}"
    ).encode()


def record(key: str = "rsa2048") -> str:
    """Return the record that DNS has for *key*."""
    if key == "ed25519":
        public = base64.b64encode(_ED25519.verify_key.encode()).decode()
        return f"v=DKIM1; k=ed25519; p={public}"
    return (KEYS / f"test-only-{key}.txt").read_text()


def sign(
    raw: bytes,
    domain: str = "pypi.org",
    *,
    selector: str = "k",
    key: str = "rsa2048",
    hash_name: str = "sha256",
    c: str = "relaxed/simple",
    h: Sequence[str] = SIGNED,
    tags: Mapping[str, str] | None = None,
) -> bytes:
    """Return *raw* with a DKIM-Signature on top; *tags* are added or replace ours."""
    body = _body(raw, c.partition("/")[2])
    if tags and "l" in tags:
        body = body[: int(tags["l"])]
    kind = "ed25519" if key == "ed25519" else "rsa"
    said = {
        "v": "1",
        "a": f"{kind}-{hash_name}",
        "c": c,
        "d": domain,
        "s": selector,
        "t": str(NOW),
        "h": ":".join(h),
        "bh": base64.b64encode(hashlib.new(hash_name, body).digest()).decode(),
        **(tags or {}),
    }
    fields = _selected(_fields(raw), h)
    value = _signed("DKIM-Signature", said, fields, key, relaxed=c.startswith("relaxed"))
    return f"DKIM-Signature:{value}\r\n".encode() + raw


def seal(
    raw: bytes,
    domain: str,
    results: str,
    *,
    cv: str = "",
    selector: str = "arc",
    h: Sequence[str] = SIGNED,
) -> bytes:
    """Return *raw* with one more ARC set on top, which records *results*."""
    instance = len(re.findall(rb"(?im)^arc-seal:", raw)) + 1
    raw = f"ARC-Authentication-Results: i={instance}; {results}\r\n".encode() + raw
    body = hashlib.sha256(_body(raw, "relaxed")).digest()
    common = {"i": str(instance), "a": "rsa-sha256", "d": domain, "s": selector, "t": str(NOW)}
    said = common | {"c": "relaxed/relaxed", "h": ":".join(h)}
    said["bh"] = base64.b64encode(body).decode()
    fields = _selected(_fields(raw), h)
    value = _signed("ARC-Message-Signature", said, fields, "rsa2048", relaxed=True)
    raw = f"ARC-Message-Signature:{value}\r\n".encode() + raw
    state = cv or ("none" if instance == 1 else "pass")
    value = _signed("ARC-Seal", common | {"cv": state}, _chain(raw), "rsa2048", relaxed=True)
    return f"ARC-Seal:{value}\r\n".encode() + raw


def _fields(raw: bytes) -> list[Field]:
    header = raw.partition(b"\r\n\r\n")[0].decode("latin-1")
    lines = re.split(r"\r\n(?![ \t])", header)
    return [(name, value) for name, _, value in (line.partition(":") for line in lines)]


def _selected(fields: Sequence[Field], names: Sequence[str]) -> list[Field]:
    """Take fields from the bottom, one for each time they are named."""
    left = list(reversed(fields))
    out = []
    for name in names:
        found = next((f for f in left if f[0].lower() == name.lower()), None)
        if found is not None:
            left.remove(found)
            out.append(found)
    return out


def _chain(raw: bytes) -> list[Field]:
    """Return the fields of all sets in the order a seal signs them, its own not included."""
    order = ("arc-authentication-results", "arc-message-signature", "arc-seal")
    fields = [f for f in _fields(raw) if f[0].lower() in order]

    def place(field: Field) -> tuple[int, int]:
        found = re.search(r"\bi=(\d+)", field[1])
        assert found is not None
        return int(found[1]), order.index(field[0].lower())

    return sorted(fields, key=place)


def _signed(
    name: str, tags: Mapping[str, str], fields: Sequence[Field], key: str, *, relaxed: bool
) -> str:
    """Return the value of a signature field over *fields* and itself."""
    value = " " + ";\r\n ".join(f"{k}={v}" for k, v in tags.items()) + ";\r\n b="
    text = "\r\n".join(_canonical(f, relaxed=relaxed) for f in [*fields, (name, value)])
    digest = hashlib.new(tags["a"].partition("-")[2], text.encode("latin-1"))
    if key == "ed25519":
        signature = _ED25519.sign(digest.digest()).signature
    else:
        signature = RSASSA_PKCS1_v1_5_sign(digest, _private(key))
    return value + base64.b64encode(signature).decode()


def _canonical(field: Field, *, relaxed: bool) -> str:
    name, value = field
    if not relaxed:
        return f"{name}:{value}"
    return f"{name.lower()}:" + re.sub(r"[ \t]+", " ", value.replace("\r\n", "")).strip(" \t")


def _body(raw: bytes, form: str) -> bytes:
    body = raw.partition(b"\r\n\r\n")[2]
    if form == "relaxed":
        lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
        body = b"\r\n".join(lines)
    body = re.sub(rb"(\r\n)*\Z", b"", body)
    return body + b"\r\n" if body or form != "relaxed" else b""


@cache
def _private(key: str) -> dict[str, int]:
    pem: dict[str, int] = parse_pem_private_key((KEYS / f"test-only-{key}.pem").read_bytes())
    return pem
