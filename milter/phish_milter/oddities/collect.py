"""Everything odd about one mail, in one walk."""

from collections.abc import Sequence

from phish_milter.links.model import Link
from phish_milter.message.model import Envelope, Message
from phish_milter.oddities import bait, organisations, targets
from phish_milter.oddities.attached import attachment_oddities
from phish_milter.oddities.model import Odd
from phish_milter.oddities.places import places
from phish_milter.oddities.reader import reader_oddities
from phish_milter.oddities.sender import sender_oddities
from phish_milter.oddities.targets import target_oddities


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
