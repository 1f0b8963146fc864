#!/usr/bin/env python3
"""
Judge the development mails, DNS and all, and print the tables of ``phish-milter evaluate``.

usage: corpus.py SHARED [OPTION...]

SHARED holds ``lab/``: mails, a manifest of what is expected, the facts of the site they came
to, and a name server that answers for everybody.  OPTIONs go to ``evaluate``.
"""

import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PATIENCE_SECONDS = 10.0


def free_port() -> int:
    """Return a UDP port of the loopback that nobody used a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def configuration(lab: Path, port: int) -> str:
    """Return the settings of the site that the mails came to; JSON strings are TOML's."""
    site = json.loads((lab / "lab.json").read_text())
    return (
        f"[site]\nauthserv_id = {json.dumps(site['authserv_id'])}\n"
        f"domains = {json.dumps(site['local_domains'])}\n"
        f"role_addresses = {json.dumps(site['role_recipients'])}\n"
        f'[dns]\nnameservers = ["127.0.0.1"]\nport = {port}\n'
        f"[authentication]\ntrusted_arc_sealers = {json.dumps(site['trusted_arc_sealers'])}\n"
    )


def main(shared: str, *options: str) -> int:
    """Return the exit status of ``evaluate``."""
    lab = Path(shared) / "lab"
    if not (lab / "manifest.jsonl").is_file():
        sys.stderr.write(f"{lab}: no development mails here; nothing to judge\n")
        return 1
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, lab / "dns_server.py", lab / "zone.json", "--port", str(port)],
        stdout=subprocess.DEVNULL,
    )
    try:
        time.sleep(1.0)  # it says nothing when it is ready
        if server.poll() is not None:
            sys.stderr.write("the name server of the development mails does not start\n")
            return 1
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write(configuration(lab, port))
            file.flush()
            command = [Path(sys.executable).parent / "phish-milter", "evaluate"]
            command += [lab / "manifest.jsonl", "--config", file.name, *options]
            return subprocess.run(command, check=False).returncode
    finally:
        server.terminate()
        server.wait(PATIENCE_SECONDS)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
