"""Our own Authentication-Results field (RFC 8601)."""

import re
from collections.abc import Iterator

from phish_milter.authentication.model import Authentication, DkimResult, Result
from phish_milter.message.model import Envelope

_TOKEN_VALUE = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~@-]+")
_UNPRINTABLE = re.compile(r"[^ -~]")
_UNKNOWN = Envelope()


def write_results(
    authserv_id: str,
    authentication: Authentication,
    *,
    header_from: str = "",
    envelope: Envelope = _UNKNOWN,
) -> str:
    """
    Return the value of our own field, folded with LF and space as libmilter wants it.

    Args:
        authserv_id: Our name.
        authentication: What we found; methods that were skipped are left out.
        header_from: Domain of the header From, for DMARC.
        envelope: What SMTP said, for SPF.
    """
    policy = authentication.dmarc_policy
    parts = [
        *_written("spf", authentication.spf, *_spf_identity(envelope)),
        *(part for one in authentication.dkim for part in _written_dkim(one)),
        *_written("dkim", _unsigned(authentication)),
        *_written(
            "dmarc", authentication.dmarc, "header.from", header_from, policy and f"p={policy}"
        ),
        *_written("arc", authentication.arc),
    ]
    return ";\n ".join([_value(authserv_id), *(parts or ["none"])])


def _written(
    method: str, result: Result, name: str = "", value: str = "", comment: str = ""
) -> Iterator[str]:
    if result is not Result.SKIPPED:
        remark = f" ({comment})" if comment else ""
        yield f"{method}={result}{remark}" + (f" {name}={_value(value)}" if value else "")


def _spf_identity(envelope: Envelope) -> tuple[str, str]:
    """Return what SPF looked at: HELO for the null sender (RFC 8601 section 2.7.2)."""
    if envelope.mail_from:
        return "smtp.mailfrom", envelope.mail_from
    return "smtp.helo", envelope.helo


def _unsigned(authentication: Authentication) -> Result:
    """Return ``none`` where we looked and saw no signature (RFC 8601 section 2.7.1)."""
    looked = authentication.source == "own"
    signed = authentication.dkim or authentication.signed_domains
    return Result.NONE if looked and not signed else Result.SKIPPED


def _written_dkim(one: DkimResult) -> Iterator[str]:
    reason = f" reason={_quoted(one.reason)}" if one.reason else ""
    for part in _written("dkim", one.result):
        yield part + reason + (f" header.d={_value(one.domain)}" if one.domain else "")


def _value(text: str) -> str:
    return text if _TOKEN_VALUE.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    """Return *text* as an ASCII quoted string that can hold no line end."""
    clean = _UNPRINTABLE.sub("?", text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'
