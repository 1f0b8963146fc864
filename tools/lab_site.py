"""The site that the development mails came to: its settings, its name server, its mails."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

from phish_milter.evaluation.cases import Case, run
from phish_milter.evaluation.manifest import read_manifest
from phish_milter.settings.load import parse_settings
from phish_milter.settings.model import Settings

PATIENCE_SECONDS = 10.0


def lab_settings(lab: Path, verify: str, port: int) -> Settings:
    """Return the settings of the site that the lab's mails came to, ceiling ``reject``."""
    site = json.loads((lab / "lab.json").read_text())
    text = (  # strings and arrays of JSON are TOML, too
        f"[site]\nauthserv_id = {json.dumps(site['authserv_id'])}\n"
        f"domains = {json.dumps(site['local_domains'])}\n"
        f"role_addresses = {json.dumps(site['role_recipients'])}\n"
        f'[dns]\nnameservers = ["127.0.0.1"]\nport = {port}\n'
        f"[authentication]\nverify = {json.dumps(verify)}\n"
        f"trusted_arc_sealers = {json.dumps(site['trusted_arc_sealers'])}\n"
    )
    return parse_settings(text, lab / "lab.json").with_ceiling("reject")


@contextmanager
def name_server(lab: Path, zone: Path) -> Iterator[int]:
    """Run the lab's name server with *zone* on loopback; yields its port."""
    with socket(AF_INET, SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, *map(str, (lab / "dns_server.py", zone)), "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        if not (server.stdout and server.stdout.readline()):  # it tells when it is ready
            raise SystemExit("corpus: the lab's name server does not start")
        yield port
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)


def judged(manifest: Path, settings: Settings) -> list[Case]:
    """Return what became of the mails of *manifest*."""
    return run(manifest, read_manifest(manifest), settings)
