"""The pack that docs/brands.md shows works as it stands."""

import re
from pathlib import Path

from phish_milter.detection.brands.pack import load_pack

PAGE = Path(__file__).parents[3] / "docs" / "brands.md"


def test_the_example_loads_with_its_neighbour(tmp_path: Path) -> None:
    pack, neighbour = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    path = tmp_path / "acme.toml"
    path.write_text(pack + neighbour)

    brand = load_pack(path)

    assert brand.id == "acme"
    assert "pypi.example.org" in brand.neighbours
