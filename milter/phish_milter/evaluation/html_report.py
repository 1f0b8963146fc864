"""
One HTML page about a run of ``evaluate``: nothing to load, no script, light and dark.

Text of messages reaches the page through ``_text()`` only, which redacts, escapes what is
invisible, and escapes HTML; what is ready to be put in has the type ``Markup``.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from typing import NewType

from phish_milter import __version__
from phish_milter.evaluation.cases import ATTACK, LEGIT, Case
from phish_milter.evaluation.figures import (
    TOLD_FINDINGS,
    Evaluation,
    Failure,
    Firing,
    Tally,
    measure,
    percent,
)
from phish_milter.evaluation.histogram import histogram
from phish_milter.evaluation.html_style import STYLE
from phish_milter.policy.decision import VERDICTS, Action, Policy
from phish_milter.text.escaping import present

Markup = NewType("Markup", str)

# No message can make the page load or run anything, whatever else went wrong.
_CSP = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_MISSING = "not scanned"
_TICK, _CROSS = "\N{CHECK MARK}", "\N{BALLOT X}"


def page(manifest: str, cases: Sequence[Case], policy: Policy, worst: int = 10) -> str:
    """Return the report on *cases*, which came from *manifest* and were judged by *policy*."""
    result = measure(cases, worst)
    sections = (
        _section("Score and action", _distributions(cases, policy)),
        _section("What was expected and what was done", _confusion(cases)),
        _section(f"Worst cases ({len(result.worst)} of {result.failed})", _worst(result.worst)),
        _section("Families", _families(result)),
        _section("Symbols", _symbols(result.symbols)),
    )
    return "".join(
        (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{_CSP}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            "<title>phish-milter evaluate</title>\n",
            f"<style>{STYLE}</style>\n</head>\n<body>\n",
            f"<header><h1>phish-milter evaluate</h1><p>{_text(manifest)}, {len(cases)} messages",
            f" &middot; version {__version__} &middot; {_dials(policy)}</p></header>\n",
            _tiles(result),
            *sections,
            "</body>\n</html>\n",
        )
    )


def _text(value: str, limit: int = 200) -> Markup:
    return Markup(escape(present(value, limit)))


def _join(parts: Iterable[str]) -> Markup:
    return Markup("".join(parts))


def _section(title: str, content: Markup) -> Markup:
    return Markup(f"<section><h2>{escape(title)}</h2>\n{content}</section>\n")


def _dials(policy: Policy) -> Markup:
    return Markup(
        f"tag {policy.tag:g}, quarantine {policy.quarantine:g}, reject {policy.reject:g}, "
        f"ceiling {policy.ceiling}"
    )


def _tiles(result: Evaluation) -> Markup:
    totals = {tally.kind: tally for tally in result.totals}
    n = sum(tally.n for tally in result.totals)
    tiles = [
        _tile("verdicts as expected", sum(t.agrees for t in result.totals), n, good=True),
        _tile("not scanned", sum(t.missing for t in result.totals), n, good=False),
    ]
    if legit := totals.get(LEGIT):
        tiles.insert(0, _tile("legitimate tagged", legit.tagged, legit.n, good=False))
        tiles.insert(0, _tile("legitimate harmed", legit.harmed, legit.n, good=False))
    if attack := totals.get(ATTACK):
        tiles.insert(0, _tile("attacks caught", attack.caught, attack.n, good=True))
    return Markup(f'<div class="tiles">{"".join(tiles)}</div>\n')


def _tile(title: str, count: int, n: int, *, good: bool) -> Markup:
    """Return one figure; *good* says whether all or none is what one wants."""
    perfect = count == (n if good else 0)
    share = percent(count / n if n else None)
    return Markup(
        f'<div class="tile {"right" if perfect else "wrong"}"><b>{count}</b>'
        f"<span>of {n} &middot; {share}</span><em>{escape(title)}</em></div>"
    )


def _distributions(cases: Sequence[Case], policy: Policy) -> Markup:
    scored = [case for case in cases if case.score is not None]
    if not scored:
        return Markup("<p>Nothing was scanned.</p>")
    most = max(policy.reject, *(case.score or 0.0 for case in scored))
    drawings = [
        f"<figure><figcaption>{_text(kind or 'other')} <span>{len(group)} messages</span>"
        f"</figcaption>{histogram(group, policy, most)}</figure>"
        for kind, group in _by_kind(scored)
    ]
    legend = _join(f'<span class="key {a}">{a}</span>' for a in VERDICTS)
    note = (
        "A bar counts the messages of one score, its height is logarithmic, its colours are the "
        "shares of the actions taken. Dashed lines are the thresholds; a message beyond one may "
        "still get a milder action, because verdict, caps and ceiling limit it."
    )
    return Markup(
        f'<p class="legend">{legend}</p>\n{_join(drawings)}\n<p class="note">{note}</p>\n'
    )


def _by_kind(cases: Iterable[Case]) -> list[tuple[str, list[Case]]]:
    """Group *cases*, attacks first and legitimate mail next."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.expected.kind, []).append(case)
    order = {ATTACK: 0, LEGIT: 1}
    return sorted(groups.items(), key=lambda item: (order.get(item[0], 2), item[0]))


def _confusion(cases: Sequence[Case]) -> Markup:
    head = ["kind", "right is", *(str(a) for a in VERDICTS), _MISSING]
    return _table(head, _confusion_rows(cases), left=2, name="confusion")


def _confusion_rows(cases: Sequence[Case]) -> Iterator[list[Markup]]:
    for kind, group in _by_kind(cases):
        ranges = {
            (Action.parse(t.expected.at_least), Action.parse(t.expected.at_most)) for t in group
        }
        for least, most in sorted(ranges):
            here = [
                t
                for t in group
                if (t.expected.at_least, t.expected.at_most) == (str(least), str(most))
            ]
            cells = [
                _count(sum(t.action is action for t in here), right=least <= action <= most)
                for action in VERDICTS
            ]
            missing = _count(sum(t.action is None for t in here), right=False)
            yield [_cell(_text(kind or "other")), _cell(_range(least, most)), *cells, missing]


def _range(least: Action, most: Action) -> Markup:
    if least is most:
        return Markup(f"{least}")
    if most is Action.REJECT:
        return Markup(f"{least} or more" if least > Action.ACCEPT else "anything")
    return Markup(f"{least} to {most}" if least > Action.ACCEPT else f"{most} or less")


def _count(number: int, *, right: bool) -> Markup:
    if not number:
        return Markup(f'<td class="{"may" if right else ""} none">&middot;</td>')
    word, mark = ("right", _TICK) if right else ("wrong", _CROSS)
    return Markup(f'<td class="{word}">{number} <i>{mark}</i></td>')


def _worst(failures: Sequence[Failure]) -> Markup:
    if not failures:
        return Markup("<p>Everything went as expected.</p>\n")
    return _join(map(_case, failures))


def _case(failure: Failure) -> Markup:
    expected = failure.case.expected
    why = f"<p>Expected because: {_text(expected.why)}</p>" if expected.why else ""
    rows = [
        [
            _cell(Markup(f"{item.score:+.1f}"), "number"),
            _cell(Markup(item.finding.symbol.name)),
            _cell(_text(item.finding.evidence)),
        ]
        for item in failure.case.strongest[:TOLD_FINDINGS]
    ]
    found = _table((), rows, name="findings") if rows else "<p>Nothing was found.</p>"
    return Markup(
        f"<details open><summary><b>{_text(expected.file)}</b> {_text(failure.problem)}</summary>"
        f"{why}{found}</details>\n"
    )


def _families(result: Evaluation) -> Markup:
    head = ("family", "kind", "n", "caught", "", "tagged+", "harmed", "verdict", _MISSING)
    return _table(head, map(_family, (*result.totals, *result.families)), left=2)


def _family(t: Tally) -> list[Markup]:
    attack = t.kind == ATTACK
    caught = Markup(f"{t.caught}/{t.n}" if attack else "-")
    meter = Markup(f'<meter max="{t.n}" value="{t.caught}"></meter>' if attack else "")
    return [
        _cell(_text(t.family) if t.family else Markup("<b>all</b>")),
        _cell(_text(t.kind)),
        _cell(Markup(str(t.n)), "number"),
        _cell(caught, "number" if t.caught == t.n or not attack else "number wrong"),
        _cell(meter),
        _cell(Markup(str(t.tagged)), "number"),
        _cell(Markup(str(t.harmed)), "number wrong" if t.harmed else "number"),
        _cell(Markup(f"{t.agrees}/{t.n}"), "number" if t.agrees == t.n else "number wrong"),
        _cell(Markup(str(t.missing)), "number wrong" if t.missing else "number"),
    ]


def _symbols(firings: Sequence[Firing]) -> Markup:
    head = ("symbol", "role", ATTACK, LEGIT, "other", "precision", "")
    fired = [f for f in firings if f.attack or f.legit or f.other]
    silent = [f.symbol for f in firings if f not in fired]
    note = f'<p class="note">Never fired: {", ".join(silent) or "none"}.</p>\n'
    return Markup(_table(head, map(_symbol, fired), left=2) + note)


def _symbol(f: Firing) -> list[Markup]:
    share = f.precision
    meter = "" if share is None else f'<meter max="1" value="{share}"></meter>'
    counts = [_cell(Markup(str(n)), "number") for n in (f.attack, f.legit, f.other)]
    return [
        _cell(Markup(f.symbol)),
        _cell(Markup(f'<span class="role">{f.role}</span>')),
        *counts,
        _cell(Markup(percent(share)), "number"),
        _cell(Markup(meter)),
    ]


def _cell(content: Markup, name: str = "") -> Markup:
    return Markup(f'<td class="{name}">{content}</td>' if name else f"<td>{content}</td>")


def _table(
    head: Sequence[str], rows: Iterable[Sequence[Markup]], *, left: int = 0, name: str = ""
) -> Markup:
    """Return a table of ready cells; headings from the one at *left* on stand over numbers."""
    align: Callable[[int], str] = lambda at: "" if at < left else ' class="number"'  # noqa: E731
    titles = _join(f"<th{align(at)}>{escape(title)}</th>" for at, title in enumerate(head))
    thead = f"<thead><tr>{titles}</tr></thead>" if head else ""
    body = _join(f"<tr>{_join(row)}</tr>\n" for row in rows)
    return Markup(
        f'<div class="wide"><table class="{name}">{thead}<tbody>\n{body}</tbody></table></div>\n'
    )
