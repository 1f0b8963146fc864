"""What a checked configuration comes to, in a few lines."""

from collections.abc import Iterator

from phish_milter.brands.pack import load_packs
from phish_milter.settings import Settings


def summary(settings: Settings) -> Iterator[str]:
    """
    Yield "OK" and what is in force.

    The brand packs are loaded first; raises PackError where one cannot be used.
    """
    brands = load_packs(settings.brands.directories, settings.brands.enabled)
    site, scanner, policy = settings.site, settings.scanner, settings.policy
    yield "OK"
    yield f"socket: {settings.socket}"
    yield f"site: {', '.join(site.domains) or 'no domains'}; {_networks(settings)} not scanned"
    yield (
        f"scanner: {scanner.processes} processes, {scanner.deadline_seconds:g} s and "
        f"{scanner.max_bytes} bytes for a message"
    )
    yield (
        f"policy: tag from {policy.tag:g}, quarantine from {policy.quarantine:g}, reject from "
        f"{policy.reject:g}, ceiling {policy.ceiling}; {policy.on_failure} on failure, "
        f"{policy.on_unverifiable} when unverifiable"
    )
    yield f"scores: {len(settings.scores)} changed"
    yield f"brands: {', '.join(brand.id for brand in brands) or 'none'}"
    yield f"metrics: {settings.metrics.listen or 'off'}"
    yield f"log: {settings.log.destination}, {settings.log.format}"


def _networks(settings: Settings) -> str:
    networks = [str(network) for network in settings.site.internal_networks]
    clients = ["authenticated clients"] if settings.site.skip_authenticated else []
    return ", ".join([*networks, *clients]) or "nothing"
