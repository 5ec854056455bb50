"""`testbed codecs` as a table with a row a deployment: bytes, accuracies, times on the devices."""

from collections.abc import Sequence

import pandas as pd

from testbed.choice.front import front
from testbed.choice.judge import Judgement, share_interval
from testbed.config.deployments import DeploymentEntry, Remote, codec_section_of, identity_of
from testbed.config.scenario import Scenario
from testbed.devices.find import law_for
from testbed.halves.deployment import cut_of
from testbed.model.torch_network import TorchNetwork
from testbed.network import cuts_of


def report(
    scenario: Scenario,
    network: TorchNetwork,
    entries: Sequence[DeploymentEntry],
    judged: Sequence[Judgement],
) -> pd.DataFrame:
    """Columns: deployment, what (images, features or nothing), cut, codec, side_px (height of the
    image that crosses), quality (of an image, where its codec has one), images, bytes_mean,
    bytes_sd, bytes_least, bytes_most; for each task accuracy_TASK with _low and _high (95 %,
    Wilson); loss, loss_low, loss_high (of the task that loses most, against the whole network),
    agreement; encode_s at the edge's device, decode_s at the server's, medians; edge_bytes (of the
    edge's part of the network); on_front: nothing that sends less keeps as much.

    Raises BadInput as `law_for`.
    """
    edge, server = law_for(scenario.edge.device, network), law_for(scenario.server.device, network)
    rows = []
    for entry, one in zip(entries, judged, strict=True):
        codec, place = identity_of(entry).codec, cut_of(entry, network.blocks)
        what = "images" if isinstance(entry, Remote) else "features"
        loss, low, high = one.worst_loss()
        rows.append(
            {
                "deployment": one.name,
                "what": "nothing" if codec is None else what,
                "cut": cuts_of(network.blocks)[place],
                "codec": codec or "",
                "side_px": one.shape[0] if what == "images" and codec else None,
                "quality": _quality(entry),
                "images": one.images,
                "bytes_mean": one.mean_bytes,
                "bytes_sd": one.spread_bytes,
                "bytes_least": one.least_bytes,
                "bytes_most": one.most_bytes,
                **_accuracies(one),
                "loss": loss,
                "loss_low": low,
                "loss_high": high,
                "agreement": one.agreement(),
                "encode_s": edge.encode_s(codec, one.shape) if codec else 0.0,
                "decode_s": server.decode_s(codec, one.shape) if codec else 0.0,
                "edge_bytes": network.edge_bytes(place),
            }
        )
    table = pd.DataFrame(rows)
    sends = table["what"] != "nothing"
    table["on_front"] = False
    costs = table.loc[sends, ["bytes_mean", "loss"]].to_numpy().tolist()
    table.loc[sends, "on_front"] = front(costs)
    return table


def _quality(entry: DeploymentEntry) -> int | None:
    section = codec_section_of(entry)
    return None if section is None else getattr(section.options, "quality", None)


def _accuracies(one: Judgement) -> dict[str, float]:
    found = {}
    for task, counts in one.tasks.items():
        low, high = share_interval(counts.right, one.images)
        found[f"accuracy_{task}"] = counts.right / one.images
        found[f"accuracy_{task}_low"], found[f"accuracy_{task}_high"] = low, high
    return found
