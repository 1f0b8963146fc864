"""Everything odd about one mail, in one walk."""

from collections.abc import Sequence

from phish_milter.authentication.model import Authentication
from phish_milter.detection.anomalies import link_targets, lone_target, organisations, promises
from phish_milter.detection.anomalies.author_field import author_field_anomalies
from phish_milter.detection.anomalies.destinations import destinations
from phish_milter.detection.anomalies.link_targets import target_anomalies
from phish_milter.detection.anomalies.lone_target import lone_target_anomalies
from phish_milter.detection.anomalies.model import SeenAnomaly
from phish_milter.detection.anomalies.recipient_in_link import recipient_anomalies
from phish_milter.detection.anomalies.scripted_pages import attachment_anomalies
from phish_milter.detection.anomalies.sender import sender_anomalies
from phish_milter.links.model import Link
from phish_milter.message.model import Envelope, Message


def warm() -> None:
    """Read every list now, so that no message pays for it."""
    promises.warm()
    lone_target.warm()
    organisations.warm()
    link_targets.warm()


def anomalies(
    message: Message,
    envelope: Envelope,
    links: Sequence[Link],
    authentication: Authentication,
) -> tuple[SeenAnomaly, ...]:
    """Return what is odd about *message*, each anomaly once, in a stable order."""
    where = destinations(message, links, authentication)
    found = (
        *sender_anomalies(message, where),
        *author_field_anomalies(message, where),
        *target_anomalies(where),
        *lone_target_anomalies(message, where),
        *recipient_anomalies(message, envelope, where),
        *attachment_anomalies(message.parts),
    )
    return tuple({odd.anomaly: odd for odd in reversed(found)}.values())[::-1]
