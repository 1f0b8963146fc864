"""The shipped data is found from a checkout and from a wheel."""

from phish_milter.resources import data_directory


def test_shipped_data_has_its_brand_packs() -> None:
    assert any((data_directory() / "brands").glob("*.toml"))
