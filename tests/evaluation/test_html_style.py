"""The style sheet of the report: complete, and from nowhere else."""

import re

import pytest

from phish_milter.evaluation.html_style import STYLE
from phish_milter.policy.decision import Action


def test_it_loads_nothing() -> None:
    assert not re.search(r"url\(|@import|https?:", STYLE)


@pytest.mark.parametrize("action", list(Action))
def test_every_action_has_a_colour_in_light_and_in_dark(action: Action) -> None:
    assert len(re.findall(rf"--{action}: #[0-9a-f]{{6}};", STYLE)) == 2
    assert f"rect.{action} " in STYLE


def test_every_variable_that_is_used_is_defined() -> None:
    used = set(re.findall(r"var\((--[\w-]+)\)", STYLE))

    assert used <= set(re.findall(r"(--[\w-]+):", STYLE))


def test_braces_are_balanced() -> None:
    assert STYLE.count("{") == STYLE.count("}")
