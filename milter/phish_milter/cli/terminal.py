"""What people read in a terminal: one judged mail in a few plain lines, safe to look at."""

from collections.abc import Iterator

import click

from phish_milter.authentication.model import Authentication, Result
from phish_milter.evaluation.mail_files import Judged, Unreadable
from phish_milter.policy.decision import Action, ScoredFinding
from phish_milter.text.escaping import present, show

# Width of the widest role, so that the evidence starts in one column.
_ROLE_WIDTH = 13
# Links worth a line each; the rest is only counted.
_SHOWN_LINKS = 10

_COLOURS = {
    Action.ACCEPT: "green",
    Action.TAG: "yellow",
    Action.DEFER: "yellow",
    Action.QUARANTINE: "magenta",
    Action.REJECT: "red",
}


def lines(result: Judged | Unreadable) -> Iterator[str]:
    """Yield the lines about one file; styling is left out where the output is no terminal."""
    if isinstance(result, Unreadable):
        yield f"{show(result.path)}: {click.style('not scanned', fg='red')}: {show(result.error)}"
        return
    yield _headline(result)
    for brand in result.verdict.brands:
        yield f"  {brand.brand}: {brand.verdict}, score {brand.score:g}"
    for item in result.verdict.findings:
        yield _finding(item)
    yield from _links(result)
    yield f"  authentication  {_authentication(result.scan.authentication)}"
    if result.scan.defects:
        yield f"  defects  {show(', '.join(result.scan.defects))}"


def _headline(result: Judged) -> str:
    verdict = result.verdict
    action = click.style(str(verdict.action), fg=_COLOURS[verdict.action], bold=True)
    capped = ""
    if verdict.uncapped_action != verdict.action:
        capped = f" ({verdict.uncapped_action} without the ceiling)"
    figures = f"score {verdict.score:g}, {result.seconds * 1000:.1f} ms"
    return f"{show(result.path)}: {action}{capped}, {figures}"


def _finding(item: ScoredFinding) -> str:
    finding = item.finding
    about = f" [{finding.brand}]" if finding.brand else ""
    name = f"{finding.symbol.name}{about}"
    return (
        f"  {item.score:+5.1f}  {finding.symbol.role:<{_ROLE_WIDTH}}  {name}: "
        f"{present(finding.evidence)}"
    )


def _links(result: Judged) -> Iterator[str]:
    links = result.scan.links
    for link in links[:_SHOWN_LINKS]:
        yield f"  link  {link.relation:<{_ROLE_WIDTH}}  {present(link.target, 120)}"
    if len(links) > _SHOWN_LINKS:
        yield f"  and {len(links) - _SHOWN_LINKS} more links"


def _authentication(known: Authentication) -> str:
    dkim = " ".join(f"dkim={result.result} ({show(result.domain)})" for result in known.dkim)
    none = Result.NONE if known.source else Result.SKIPPED
    policy = f" (p={show(known.dmarc_policy)})" if known.dmarc_policy else ""
    dmarc = f"dmarc={known.dmarc}{policy}"
    return f"spf={known.spf} {dkim or f'dkim={none}'} {dmarc} arc={known.arc}"
