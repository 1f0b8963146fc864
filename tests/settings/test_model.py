"""The configuration file: defaults, every problem at once, relative paths, doubts."""

from pathlib import Path
from typing import get_args, get_origin

import pytest

from phish_milter.detection.checks import SYMBOLS
from phish_milter.evaluation.manifest import Word
from phish_milter.policy.decision import VERDICTS, Action
from phish_milter.settings.load import parse_settings
from phish_milter.settings.model import PolicySettings, Settings
from phish_milter.settings.types import Affects

FILE = Path("/etc/mail/filter.toml")


def test_every_word_of_a_policy_is_an_action() -> None:
    fields = PolicySettings.model_fields.values()
    words = {
        word
        for field in fields
        if get_origin(field.annotation)
        for word in get_args(field.annotation)
    }

    assert words == {str(action) for action in Action}
    assert get_args(PolicySettings.model_fields["ceiling"].annotation) == tuple(map(str, VERDICTS))
    assert get_args(Word) == tuple(map(str, VERDICTS))


@pytest.mark.parametrize(
    ("written", "name", "kind"),
    [
        ("socket = 'inet:1@127.0.0.1'", "socket", Affects.RESTART),
        ("[policy]\ntag = 2", "policy", Affects.POLICY),
        ("[scores]\nLURE_VERIFY = 1", "scores", Affects.POLICY),
        ("[log]\nformat = 'json'", "log", Affects.OUTPUT),
        ("[dns]\nport = 5353", "dns", Affects.SCAN),
    ],
)
def test_a_setting_says_what_it_touches(written: str, name: str, kind: Affects) -> None:
    changed = parse_settings(written, Path("a.toml"))

    assert changed.differing(Settings()) == (name,)
    assert name in Settings.affecting(kind)


def test_the_defaults_watch_before_they_act() -> None:
    policy = Settings().policy_values()

    assert (policy.tag, policy.quarantine, policy.reject) == (4.0, 8.0, 15.0)
    assert (policy.ceiling, policy.on_failure) == (Action.TAG, Action.ACCEPT)


def test_another_ceiling_leaves_the_rest_as_it_is() -> None:
    settings = parse_settings("[policy]\ntag = 3\n[scores]\nLOOKALIKE_LINK = 2", FILE, SYMBOLS)

    policy = settings.with_ceiling("reject").policy_values()

    assert (policy.ceiling, policy.tag) == (Action.REJECT, 3)
    assert policy.scores == {"LOOKALIKE_LINK": 2}


@pytest.mark.parametrize(
    ("text", "sealers"),
    [
        ("", ("google.com", "microsoft.com", "python.org")),
        ("[authentication]\ntrusted_arc_sealers = []", ()),
        ("[authentication]\ntrusted_arc_sealers = ['a.example']", ("a.example",)),
    ],
)
def test_known_sealers_are_believed_unless_others_are_named(
    text: str, sealers: tuple[str, ...]
) -> None:
    assert parse_settings(text, FILE, SYMBOLS).authentication.trusted_arc_sealers == sealers


@pytest.mark.parametrize(("add", "written"), [("false", ""), ("true", "mx.a")])
def test_only_an_id_that_we_write_is_ours(add: str, written: str) -> None:
    text = f"[site]\nauthserv_id = 'mx.a'\n[authentication]\nadd_results_header = {add}"

    assert parse_settings(text, FILE, SYMBOLS).written_authserv_id == written
