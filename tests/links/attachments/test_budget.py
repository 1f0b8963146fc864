"""A budget that is being spent."""

from phish_milter.links.attachments.budget import Budget, Spending


def test_each_kind_is_counted_for_itself_and_what_is_too_much_is_a_defect() -> None:
    spending = Spending(Budget())

    assert [spending.take("pdf", 2) for _ in range(4)] == [True, True, False, False]
    assert spending.take("picture", 1)
    assert spending.defects == {"pdf-not-searched"}
