"""``check-config``: what it says of a configuration, and when it refuses."""

from pathlib import Path

import pytest

from support.commands import UNUSABLE, call, resolvers


def test_check_config_tells_what_is_in_force(box: Path) -> None:
    config = box / "mine.toml"
    config.write_text("[policy]\nceiling = 'quarantine'\n[scanner]\ndeadline_seconds = 60\n")

    result = call("check-config", "--config", config)

    assert result.exit_code == 0
    assert result.stdout.startswith("OK\n")
    assert "ceiling quarantine" in result.stdout
    assert "warning: [scanner] deadline_seconds: 60 s is not below" in result.stderr


@pytest.mark.parametrize("data", UNUSABLE)
def test_check_config_refuses_to_do_without_resolvers(
    box: Path, monkeypatch: pytest.MonkeyPatch, data: bytes | None
) -> None:
    path = resolvers(box, monkeypatch, data)

    result = call("check-config")

    assert result.exit_code == 2
    assert f"{path}: " in result.stderr
    assert "no nameserver can be used" in result.stderr
    assert result.stdout == ""


def test_check_config_tells_problems_of_packs_and_resolvers_at_once(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = resolvers(box, monkeypatch, None)
    config = box / "mine.toml"
    config.write_text("[brands]\nenabled = ['nobody']\n")

    result = call("check-config", "--config", config)

    assert "no pack for brand 'nobody'" in result.stderr
    assert f"{path}: cannot be read" in result.stderr


def test_check_config_warns_of_resolvers_left_out(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = resolvers(box, monkeypatch, b"nameserver localhost\nnameserver 127.0.0.1\n")

    result = call("check-config")

    assert result.exit_code == 0
    assert f"warning: {path}: line 1: nameserver must be an IP address" in result.stderr


def test_check_config_tells_every_problem(box: Path) -> None:
    config = box / "mine.toml"
    config.write_text("[policy]\nceiling = 1\n[log]\nformat = 'xml'\ncolour = true\n")

    result = call("check-config", "--config", config)

    assert result.exit_code == 2
    assert all(
        f"{config}: {key}: " in result.stderr
        for key in ("[policy] ceiling", "[log] format", "[log] colour")
    )


def test_check_config_tells_problems_of_settings_and_packs_at_once(box: Path) -> None:
    (box / "packs").mkdir()
    (box / "packs" / "pypi.toml").write_text("id = 3\n")
    config = box / "mine.toml"
    brands = "[brands]\ndirectories = ['packs']\nenabled = ['pypi', 'nobody']\n"
    config.write_text(f"[policy]\ntag = 'high'\n{brands}")

    result = call("check-config", "--config", config)

    assert result.exit_code == 2
    assert "[policy] tag: must be a number" in result.stderr
    assert f"{box / 'packs' / 'pypi.toml'}: " in result.stderr
    assert "no pack for brand 'nobody'" in result.stderr


def test_check_config_asks_for_no_packs_that_a_wrong_section_names(box: Path) -> None:
    config = box / "mine.toml"
    config.write_text("[brands]\ndirectories = 'packs'\nenabled = ['in-packs']\n")

    result = call("check-config", "--config", config)

    assert "[brands] directories: must be a list" in result.stderr
    assert "in-packs" not in result.stderr  # which the list, once right, may well lead to


def test_check_config_checks_brand_packs(box: Path) -> None:
    (box / "packs").mkdir()
    (box / "packs" / "pypi.toml").write_text("id = 3\n")
    config = box / "mine.toml"
    config.write_text("[brands]\ndirectories = ['packs']\n")

    for command in (["check-config"], ["scan", str(box / "plain.eml")]):
        result = call(*command, "--config", config)

        assert result.exit_code == 2
        assert str(box / "packs" / "pypi.toml") in result.stderr
