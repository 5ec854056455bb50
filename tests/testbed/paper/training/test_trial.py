"""What a trial says of its own cost."""

from dataclasses import replace

from tests.testbed.paper.small_trials import TRIAL


def test_costlier_backbones_cost_more() -> None:
    assert replace(TRIAL, backbone="vgg16").cost > TRIAL.cost
    assert replace(TRIAL, steps=8).cost == 2 * TRIAL.cost
