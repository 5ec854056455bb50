"""A quantity agrees with a printed figure when it would be printed so."""

from testbed.paper.claims import (
    INPUT,
    MEMORY_LARGE,
    MEMORY_SHARE,
    Printed,
    agreeing,
    explained,
    sentence,
)
from testbed.paper.memory.verdicts import byte_candidates, share_candidates


def test_a_figure_agrees_up_to_its_last_digit() -> None:
    candidates = {"just": 1.4501e6, "not": 1.4499e6, "far": 9e6}
    found = explained((Printed(1.5, 1, "MB"), candidates))
    assert found.to_numpy().tolist() == [["1.5 MB", "just", 1.4501e6, "10^6 B"]]


def test_a_megabyte_may_be_either() -> None:
    image = {"image": 2835 * 3543 * 3 * 4.0}  # 120.5 * 10^6, 114.95 * 2^20
    assert list(explained((INPUT, image))["unit_read_as"]) == ["2^20 B"]


def test_the_sentence_says_how_many_were_tried() -> None:
    printed = Printed(57, 0, "%")
    assert "57 % is consistent with none of 2 " in sentence(printed, {"a": 0.2, "b": 0.9})
    found = sentence(printed, {"a": 0.2, "b": 0.567})
    assert found.startswith("57 % is consistent with 1 of 2 ") and found.endswith(": b")


def test_two_published_figures_of_memory_follow_from_something() -> None:
    large = agreeing(MEMORY_LARGE, byte_candidates())
    assert any("mobilenet_v3_small" in name and "forward/backward" in name for name in large)
    assert agreeing(MEMORY_SHARE, share_candidates()) == [
        "vgg16, faces at 224x224, weights, sc for mtl"
    ]
