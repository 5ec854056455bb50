"""Files for training and for testing, drawn by their names."""

from testbed.data.split import drawn_by_name

NAMES = [f"{number:03}.jpg" for number in range(100)]


def test_one_in_five_is_for_testing_whatever_the_order() -> None:
    splits = drawn_by_name(NAMES)
    assert list(splits.values()).count("test") == 20
    assert drawn_by_name(reversed(NAMES)) == splits


def test_no_split_is_empty_where_there_are_two() -> None:
    assert sorted(drawn_by_name(["a.jpg", "b.jpg"]).values()) == ["test", "train"]


def test_what_is_added_moves_hardly_any_other() -> None:
    before, after = drawn_by_name(NAMES), drawn_by_name([*NAMES, "new.jpg"])
    assert sum(before[name] != after[name] for name in NAMES) <= 1


def test_a_name_that_is_no_text_has_a_split() -> None:
    assert len(drawn_by_name(["\udcff.jpg", "a.jpg"])) == 2
