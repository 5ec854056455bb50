"""`split: {cut: auto, codec: auto}`: what a scenario leaves open is chosen before it runs."""

from collections.abc import Callable, Sequence

from testbed.choice.answer import costs
from testbed.choice.candidates import candidates, entries_of
from testbed.choice.choose import Limits, fastest
from testbed.choice.decide import tried
from testbed.choice.subject import network_of
from testbed.config.deployments import AUTO, DeploymentEntry, Split, identity_of, is_open
from testbed.config.scenario import Scenario
from testbed.errors import BadInput
from testbed.halves.deployment import feature_cuts
from testbed.halves.workload import load_dataset
from testbed.network import Network

ACCURACY_LOSS = 0.01
"""Of the whole network's, of every task: so much may be lost, as in most of the literature."""


def resolved(scenario: Scenario, say: Callable[[str], object]) -> Scenario:
    """The scenario with the fastest split in place of each that leaves cut or codec open.

    say: hears what was chosen, and why. Raises BadInput where nothing keeps ACCURACY_LOSS, and as
    `network_of` does.
    """
    network, dataset = network_of(scenario), load_dataset(scenario)
    chosen = []
    for entry in scenario.deployments:
        if not (isinstance(entry, Split) and is_open(entry)):
            chosen.append(entry)
            continue
        pool = _pool(entry, network)
        trial = tried(scenario, network, dataset, pool, None, lambda images: None)
        limits = Limits(accuracy_loss=ACCURACY_LOSS)
        best = next(iter(fastest(trial.options(), limits)), None)
        if best is None:
            raise BadInput(
                f"deployments: split: found none of {len(pool)} that loses at most "
                f"{ACCURACY_LOSS:.0%} of accuracy, allowed: a cut and a codec by name"
            )
        say(f"split auto: {best.name} of {len(pool)}: {costs(best)}")
        chosen.append(best.entry)
    kept = {identity_of(entry).name: entry for entry in chosen}  # it may stand there by name, too
    return scenario.model_copy(update={"deployments": tuple(kept.values())})


def _pool(entry: Split, network: Network) -> Sequence[DeploymentEntry]:
    """All splits that fit what the entry does say."""
    cut, codec = entry.split.cut, entry.split.codec
    if codec == AUTO:
        splits = [each for each in candidates(network, 0) if isinstance(each, Split)]
        return [each for each in splits if cut in (AUTO, each.split.cut)]
    options = dict(entry.split)
    return entries_of(
        [{"split": {**options, "cut": name}} for name in feature_cuts(network.blocks)]
    )
