"""From what the scanner found to the verdict: the same step for daemon and command line."""

from phish_milter.message.model import Envelope
from phish_milter.policy.decision import Circumstances, Verdict, decide
from phish_milter.policy.outcome import Scan
from phish_milter.policy.recipients import role_recipients
from phish_milter.settings.model import Settings


def judge(scan: Scan, envelope: Envelope, settings: Settings) -> Verdict:
    """Return the verdict on a scanned message that came with *envelope*."""
    site = settings.site
    recipients = role_recipients(envelope.rcpt_to, site.role_addresses, site.domains)
    return decide(scan.findings, Circumstances(scan.proofs, recipients), settings.policy_values())
