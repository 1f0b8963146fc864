"""Manifests: which files to scan, the envelopes they came with, and what is right for them."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from phish_milter.message.model import Envelope
from phish_milter.problems import ProblemsError
from phish_milter.text.escaping import show

# More would only repeat itself: a manifest of the wrong kind is wrong in every line.
SHOWN_PROBLEMS = 20

Word = Literal["accept", "tag", "quarantine", "reject"]


class ManifestError(ProblemsError):
    """A manifest that cannot be used."""


class Expectation(BaseModel):
    """
    One line of a manifest: a file, the envelope it came with, and what should happen to it.

    Attributes:
        file: Path of the mail, relative to the manifest.
        client_ip, helo, mail_from, rcpt_to: The envelope.
        kind: ``attack``, ``legit`` or another word for the rest.
        family: Group that the file is counted in.
        at_least, at_most: Mildest and strongest action that is right.
        brand: Id of the brand that *brand_verdict* is about.
        brand_verdict: Verdicts that are right; ``none`` for no verdict.
        why: What the file is, for people.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    file: str = Field(min_length=1)
    client_ip: str = ""
    helo: str = ""
    mail_from: str = ""
    rcpt_to: tuple[str, ...] = ()
    kind: str = ""
    family: str = ""
    at_least: Word = "accept"
    at_most: Word = "reject"
    brand: str = ""
    brand_verdict: str | tuple[str, ...] = ()
    why: str = ""

    @property
    def envelope(self) -> Envelope:
        """What SMTP said."""
        return Envelope(self.client_ip, self.helo, self.mail_from, self.rcpt_to)

    @property
    def brand_verdicts(self) -> tuple[str, ...]:
        """Verdicts that are right, empty when nothing is expected."""
        right = self.brand_verdict
        return (right,) if isinstance(right, str) else right


def read_manifest(path: Path) -> tuple[Expectation, ...]:
    """
    Read a manifest, one JSON object a line; empty lines are skipped.

    Raises ManifestError that lists every line that cannot be used.
    """
    try:
        lines = path.read_text("utf-8").split("\n")  # splitlines() would cut at U+2028
    except OSError as error:
        raise ManifestError((f"{path}: cannot be read: {error.strerror}",)) from None
    except UnicodeDecodeError as error:
        raise ManifestError((f"{path}: byte {error.start} is not UTF-8 text",)) from None
    problems: list[str] = []
    entries = tuple(_entries(lines, problems))
    if problems:
        more = [f"and {len(problems) - SHOWN_PROBLEMS} more"] * (len(problems) > SHOWN_PROBLEMS)
        raise ManifestError(f"{path}: {told}" for told in [*problems[:SHOWN_PROBLEMS], *more])
    return entries


def _entries(lines: Iterable[str], problems: list[str]) -> Iterator[Expectation]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield Expectation.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            key = ".".join(str(step) for step in first["loc"])
            problems.append(show(f"line {number}: {key + ': ' if key else ''}{first['msg']}"))
