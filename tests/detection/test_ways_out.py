"""Where a mail leads that speaks about an account."""

import pytest

from phish_milter.authentication.model import Authentication
from phish_milter.detection.brands.lookalike import Lookalike
from phish_milter.detection.brands.pack import load_packs
from phish_milter.detection.derive import Guard, Parsed, derive
from phish_milter.detection.lures.matcher import load
from phish_milter.detection.ways_out import way_out
from phish_milter.links.inventory import inventory
from phish_milter.message.model import Envelope
from phish_milter.message.parse import parse
from phish_milter.resources import data_directory

LURES = load(data_directory() / "lures")
GUARDS = [Guard(b, Lookalike(b, ())) for b in load_packs((), ("pypi", "npm"))]


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("https://plan-desk.example/p", "stranger"),
        ("https://bakery.example/p", "author"),
        ("https://bakery.example/p https://plan-desk.example/p", "stranger"),
        ("https://bakery.example/p https://www.bakery.example/q https://a.example/", "author"),
        ("https://docs.google.com/d/1", "crowd"),
        ("https://pypi.org/p", ""),
        ("https://www.npmjs.com/p", ""),
        ("https://pypi.org/p https://plan-desk.example/p", "stranger"),
        (" ".join(f"https://site-{n}.example/" for n in "abcd"), ""),
        ("write to @desk_42 on Telegram", "messenger"),
        ("message us on WhatsApp: +49 30 5550100", "messenger"),
        ("telegram is a messenger", ""),
        ("open plan-desk . com", "spelled"),
        ("open plan-desk[.]com now", "spelled"),
        ("open plan-desk dot com", "spelled"),
        ("the end . then more", ""),
        ("Ask Anna. We are done.", ""),
    ],
)
def test_way_out(text: str, way: str) -> None:
    message = parse(f"From: Anna <anna@bakery.example>\r\n\r\n{text}\r\n".encode())
    parsed = Parsed(message, Envelope(), inventory(message).links, Authentication())
    facts = derive(parsed, GUARDS, LURES, ())

    found = way_out(facts.wording.folded, facts.brands[0], facts.brands)

    assert (found[0] if found else "") == way
