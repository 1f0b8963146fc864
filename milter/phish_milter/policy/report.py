"""One judged message as JSON: the contract of ``scan --json``."""

from typing import Any

from phish_milter.authentication.model import Authentication
from phish_milter.policy.decision import ScoredFinding, Verdict
from phish_milter.policy.outcome import LinkReport, Scan


def to_json(path: str, verdict: Verdict, scan: Scan, seconds: float) -> dict[str, Any]:
    """
    Return what is known about the message at *path*, ready for ``json.dumps``.

    Text of the message is handed over whole, for machines: whoever shows it escapes it.
    Only lone surrogates are replaced, which JSON readers refuse.
    """
    return {
        "path": _sound(path),
        "action": str(verdict.action),
        "uncapped_action": str(verdict.uncapped_action),
        "score": verdict.score,
        "brands": [
            {"brand": b.brand, "verdict": str(b.verdict), "score": b.score} for b in verdict.brands
        ],
        "findings": [_finding(item) for item in verdict.findings],
        "authentication": _authentication(scan.authentication),
        "links": [_link(link) for link in scan.links],
        "defects": list(scan.defects),
        "scanned_bytes": scan.scanned_bytes,
        "milliseconds": round(seconds * 1000, 1),
    }


def error_json(path: str, error: str) -> dict[str, str]:
    """Return the entry for a file that could not be read."""
    return {"path": _sound(path), "error": error}


def _finding(item: ScoredFinding) -> dict[str, Any]:
    finding = item.finding
    return {
        "symbol": finding.symbol.name,
        "role": str(finding.symbol.role),
        "brand": finding.brand,
        "score": item.score,
        "evidence": _sound(finding.evidence),
    }


def _authentication(known: Authentication) -> dict[str, Any]:
    return {
        "spf": str(known.spf),
        "dkim": [[_sound(result.domain), str(result.result)] for result in known.dkim],
        "dmarc": str(known.dmarc),
        "arc": str(known.arc),
    }


def _link(link: LinkReport) -> dict[str, str]:
    return {
        "target": _sound(link.target),
        "host": _sound(link.host),
        "shown": _sound(link.shown),
        "source": link.source,
        "relation": link.relation,
    }


def _sound(text: str) -> str:
    return text.encode(errors="replace").decode() if not text.isascii() else text
