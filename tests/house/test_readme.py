"""The README's installation commands, as far as they can be judged without running them."""

import re
import subprocess

import pytest

from support.readme import installation
from support.tree import ROOT

# A unit whose user or directory is missing ends with 217/USER or 226/NAMESPACE.
ORDER = [
    "apt-get install --yes ",
    "python3 -m venv ",
    "pip install --require-hashes ",
    "pip install --no-deps ",
    "/usr/lib/sysusers.d/phish-milter.conf",
    "/usr/lib/tmpfiles.d/phish-milter.conf",
    "systemd-sysusers ",
    "systemd-tmpfiles --create ",
    "phish-milter check-config",
    "systemctl daemon-reload",
    "systemctl enable --now phish-milter",
]


def test_every_step_is_said_in_its_order() -> None:
    commands = installation()
    places = [commands.find(step) for step in ORDER]

    assert [step for step, place in zip(ORDER, places, strict=True) if place < 0] == []
    assert places == sorted(places)


def test_the_commands_can_be_parsed() -> None:
    parsed = subprocess.run(["/bin/sh", "-n"], input=installation(), text=True, check=False)

    assert parsed.returncode == 0


def test_every_file_named_exists() -> None:
    named = re.findall(r"(?<![\w/.-])(?:config|systemd)/\S+|\brequirements\S*", installation())

    assert len(named) >= 6
    assert [path for path in named if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("source", ["service", "sysusers", "tmpfiles"])
def test_each_file_goes_where_it_says_itself(source: str) -> None:
    path = ROOT / f"systemd/phish-milter.{source}"
    said = re.match(r"# Install as (\S+?)\.?\n", path.read_text())

    assert said
    assert f"systemd/{path.name} {said[1]}\n" in installation()
