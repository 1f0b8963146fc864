"""Our own Authentication-Results field (RFC 8601)."""

import re
from collections.abc import Iterator

from phish_milter.authentication.model import Authentication, DkimResult, Result

_TOKEN_VALUE = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~@-]+")
_UNPRINTABLE = re.compile(r"[^ -~]")


def write_results(
    authserv_id: str, authentication: Authentication, *, header_from: str = "", mail_from: str = ""
) -> str:
    """
    Return the value of our own field, folded with LF and space as libmilter wants it.

    Args:
        authserv_id: Our name.
        authentication: What we found; methods that were skipped are left out.
        header_from: Domain of the header From, for DMARC.
        mail_from: Envelope sender, for SPF.
    """
    policy = authentication.dmarc_policy
    parts = [
        *_written("spf", authentication.spf, "smtp.mailfrom", mail_from),
        *(part for one in authentication.dkim for part in _written_dkim(one)),
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
