"""Trees of plain values, as TOML gives them; pure."""

from collections.abc import Mapping


def frozen(value: object) -> object:
    """Make tuples of TOML's arrays, all the way down."""
    if isinstance(value, list):
        return tuple(frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: frozen(item) for key, item in value.items()}
    return value


def without(tree: Mapping[str, object], bad: set[tuple[str, ...]]) -> dict[str, object]:
    """Return *tree* without the keys in *bad*."""
    kept: dict[str, object] = {}
    for key, value in tree.items():
        if (key,) in bad or not isinstance(value, dict):
            if not any(path[0] == key for path in bad):
                kept[key] = value
        else:
            kept[key] = {k: v for k, v in value.items() if (key, k) not in bad}
    return kept
