"""Trees of plain values: frozen, and without some of their keys."""

from phish_milter.settings.tree import frozen, without

TREE = {"socket": "x", "policy": {"tag": 4, "reject": 15}, "feeds": {"a": 1}}


def test_lists_become_tuples_all_the_way_down() -> None:
    assert frozen([1, [2, {"a": [3]}]]) == (1, (2, {"a": (3,)}))


def test_a_key_of_a_table_is_left_out_and_its_neighbours_stay() -> None:
    assert without(TREE, {("policy", "tag")}) == TREE | {"policy": {"reject": 15}}


def test_whole_tables_and_plain_keys_are_left_out() -> None:
    assert without(TREE, {("policy",), ("socket",)}) == {"feeds": {"a": 1}}


def test_without_anything_wrong_the_tree_is_the_same() -> None:
    assert without(TREE, set()) == TREE
