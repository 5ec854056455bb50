"""The network a scenario names.

torch is imported only when a real network is asked for, so the null model starts in a fraction of
a second, also on machines where importing torch takes long.
"""

from testbed.network import Network
from testbed.scenario import Scenario


def load_network(scenario: Scenario, threads: int) -> Network:
    """The scenario's network, ready to run on `threads` threads.

    Raises BadInput for weights that are missing, corrupt or of another network.
    """
    model = scenario.model
    if model.backbone == "null":
        from testbed.model.null_network import NullNetwork

        return NullNetwork(model.tasks, model.feature_bytes)
    from testbed.model.torch_network import TorchNetwork

    return TorchNetwork.load(model, scenario.seed, threads)
