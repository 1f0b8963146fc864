"""Everything odd about one mail, in one walk."""

from collections.abc import Sequence

from phish_milter.detection.anomalies import link_targets as targets
from phish_milter.detection.anomalies import organisations
from phish_milter.detection.anomalies import promises as bait
from phish_milter.detection.anomalies.destinations import places
from phish_milter.detection.anomalies.link_targets import target_oddities
from phish_milter.detection.anomalies.model import Odd
from phish_milter.detection.anomalies.recipient_in_link import reader_oddities
from phish_milter.detection.anomalies.scripted_pages import attachment_oddities
from phish_milter.detection.anomalies.sender import sender_oddities
from phish_milter.links.model import Link
from phish_milter.message.model import Envelope, Message


def warm() -> None:
    """Read every list now, so that no message pays for it."""
    bait.warm()
    organisations.warm()
    targets.warm()


def oddities(message: Message, envelope: Envelope, links: Sequence[Link]) -> tuple[Odd, ...]:
    """Return what is odd about *message*, each oddity once, in a stable order."""
    where = places(message, links)
    found = (
        *sender_oddities(message, where),
        *target_oddities(where),
        *reader_oddities(message, envelope, where),
        *attachment_oddities(message.parts),
    )
    return tuple({odd.oddity: odd for odd in reversed(found)}.values())[::-1]
