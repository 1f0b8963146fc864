"""The installation commands of the README, as somebody would paste them."""

import re

from support.tree import ROOT

SECTION = re.compile(r"^## Install it on a mail server\n(.*?)^## ", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def installation() -> str:
    """Return the commands that install the filter, one script in the README's order."""
    section = SECTION.search((ROOT / "README.md").read_text())
    assert section, "README.md has no section about the installation"
    return "".join(BLOCK.findall(section[1]))
