"""The handwritten digits and their split."""

import numpy as np

from testbed.data.digits import all_digits, split_digits


def test_no_digit_is_in_both_splits_and_all_are_used() -> None:
    digits, classes = all_digits("multimnist")
    train, train_classes = split_digits("train", "multimnist")
    test, test_classes = split_digits("test", "multimnist")
    assert np.bincount(train_classes).tolist() == [400] * 10
    assert np.bincount(test_classes).tolist() == [100] * 10
    together = {digit.tobytes() for digit in train} | {digit.tobytes() for digit in test}
    assert together == {digit.tobytes() for digit in digits}
    assert not {digit.tobytes() for digit in train} & {digit.tobytes() for digit in test}
    assert digits.shape == (5_000, 28, 28)
    assert len(classes) == 5_000
