"""One line for each mistake in a scenario: file, key, what was found, what is allowed."""

import pytest
import yaml

from testbed.errors import BadInput
from tests.testbed.config.scenarios import LTE, lte, parse


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("colour=red", "colour: unknown key, allowed: name, description, link, edge, "),
        ("link.uplink.rat=1mbit", "link.uplink.rat: unknown key (did you mean rate?), allowed: r"),
        ("deployments.1.remote.qualty=1", "deployments.1.remote.qualty: unknown key (did you mean"),
        ("link.uplink=5", "link.uplink: found 5, allowed: a mapping of rate, delay, jitter, "),
        ("model=", "model: found nothing, allowed: a mapping of backbone, weights, "),
        (
            "link.uplink.rate=\uff11\uff12mbit",
            "link.uplink.rate: found '\uff11\uff12mbit', allowed:",
        ),
        (
            "workload.requests=\u0661\u0660",
            "workload.requests: found '\u0661\u0660', allowed: a whole",
        ),
        (
            "workload.requests=caf\udce9",
            "workload.requests: found 'caf\\xe9', allowed: text in UTF-8",
        ),
        ("link.uplink.speed=1mbit", "link.uplink.speed: unknown key"),
        ("link.uplink.rate=12", "link.uplink.rate: found '12'"),
        ("link.uplink.rate='12'", "link.uplink.rate: found '12'"),
        ("link.uplink.rate=1e3", "link.uplink.rate: found '1000.0'"),
        ("link.uplink.rate='1e3'", "link.uplink.rate: found '1e3'"),
        ("link.uplink.delay=true", "link.uplink.delay: found True, allowed: a number"),
        ("link.uplink.rate=12parsec", "link.uplink.rate: found '12parsec'"),
        ("link.uplink.rate=-1mbit", "link.uplink.rate: found '-1mbit'"),
        ("link.uplink.rate=0mbit", "link.uplink: rate: found"),
        ("link.uplink.delay=25", "link.uplink.delay: found '25'"),
        ("link.uplink.loss=200%", "link.uplink.loss: found"),
        ("link.uplink.queue=10", "link.uplink.queue: found '10', allowed: a time or a size"),
        ("link.uplink.queue=[]", "link.uplink.queue: found [], allowed: a time or a size"),
        ("link.uplink.queue={red: {}}", "link.uplink.queue: found {'red': {}}, allowed: a time"),
        ("link.uplink.queue={codel: {limit: 1}}", "link.uplink.queue.codel.limit: found '1'"),
        ("link.uplink.queue={codel: {aim: 1}}", "link.uplink.queue.codel.aim: unknown key"),
        ("link.uplink.queue={codel: {target: 0}}", "link.uplink: codel.target: found 0 s"),
        ("link.uplink.queue=100b", "link.uplink: queue: found 100 bytes"),
        ("link.uplink.distribution=poisson", "link.uplink.distribution: found 'poisson'"),
        ("link.congestion_control=vegas", "link.congestion_control: found 'vegas', allowed:"),
        ("edge.slowdown=0.5", "edge.slowdown: found 0.5, allowed:"),
        ("edge.slowdown=8", "edge: found device raspberry-pi-4 and slowdown 8, allowed: one"),
        ("edge.after=300ms", "edge: after: found 300ms without fallback, allowed: beside fallback"),
        ("edge.fallback=local", "edge: after: found none, allowed beside fallback: a time above 0"),
        ("edge.fallback=remote", "edge.fallback: found 'remote', allowed: "),
        ("edge={fallback: local, after: 0s}", "edge: after: found 0s, allowed beside fallback: a"),
        ("edge={fallback: local, after: 300}", "edge.after: found '300', allowed: a number with"),
        (
            "edge={fallback: local, after: 5s}",
            "scenario: edge.after: found 5s, allowed: less than workload.timeout, which is 5s",
        ),
        ("server.device=''", "server.device: found '', allowed:"),
        ("server.slowdown=2", "server.slowdown: unknown key"),
        ("workload.requests=0", "workload.requests: found 0, allowed:"),
        ("workload.requests=true", "workload.requests: found True, allowed: a number"),
        ("workload.requests=12:30", "workload.requests: found '12:30', allowed:"),
        ("edge.slowdown=.inf", "edge.slowdown: found inf, allowed:"),
        ("workload.camera_noise=.nan", "workload.camera_noise: found nan, allowed:"),
        ("workload.requests=many", "workload.requests: found 'many', allowed:"),
        ("workload.arrival=open", "workload.arrival: found 'open', allowed:"),
        ("workload.arrival={periodic: 10}", "workload.arrival.periodic: found '10'"),
        ("workload.deadline=0ms", "workload.deadline: found"),
        ("workload.requests=1.5", "workload.requests: found 1.5, allowed: a whole number"),
        ("workload.requests=[1]", "workload.requests: found [1], allowed: a whole number"),
        ("workload.requests=1e30", "workload.requests: found 1e+30, allowed: a whole number"),
        ("workload.requests=1e9", "workload.requests: found 1000000000.0, allowed: less than or"),
        ("workload.timeout=1e300s", "workload.timeout: found '1e300s', allowed: a time up to 1000"),
        ("workload.arrival={pause: 1e7s}", "workload.arrival.pause: found '1e7s', allowed: a time"),
        (
            "workload.arrival={poisson: 1e-300hz}",
            "workload.arrival.poisson: found '1e-300hz', allowed: a frequency from 0.000001hz on",
        ),
        ("model.feature_bytes=1e12", "model.feature_bytes: found 1000000000000.0, allowed: less"),
        ("edge={slowdown: 1e300}", "edge.slowdown: found 1e+300, allowed: less than or equal to"),
        ("edge.threads=1e9", "edge.threads: found 1000000000.0, allowed: less than or equal to"),
        ("link.uplink.reorder=2", "link.uplink.reorder: found 2, allowed: true or false"),
        ("workload.images=3", "workload.images: found 3, allowed: a path"),
        ("deployments=local", "deployments: found 'local', allowed: a list"),
        ("deployments=[]", "deployments: found [], allowed: at least 1"),
        ("deployments=[cloud]", "deployments.0: found 'cloud', allowed: local, remote"),
        ("deployments=[local, local]", "deployments: allowed: each deployment once"),
        ("deployments.1.remote.codec=gif", "deployments.1.remote.codec: found 'gif', allowed:"),
        (
            "deployments.1.remote.codec=jpg",
            "deployments.1.remote.codec: found 'jpg' (did you mean jpeg?), allowed: 'raw', 'jpeg'",
        ),
        ("deployments.1.remote.resize=4", "deployments.1.remote.resize: found 4, allowed:"),
        ("deployments.1.remote.resize=big", "deployments.1.remote.resize: found 'big', allowed: n"),
        (
            "deployments.2.remote.resize=720",
            "scenario: deployments.2.remote.resize: found 720, allowed: none, model or less than",
        ),
        ("deployments.4.split.cut=''", "deployments.4.split.cut: found '', allowed:"),
        ("deployments.1.remote.quality=0", "deployments.1.remote.quality: found 0, allowed:"),
        ("deployments=[{remote: {remote: 1}}]", "deployments.0.remote.remote: unknown key"),
        ("model.tasks=[]", "model.tasks: found [], allowed: at least one task"),
        ("model.input_px=0", "model.input_px: found 0, allowed:"),
        ("model.hidden=0", "model.hidden: found 0, allowed:"),
        ("model.dropout=1", "model.dropout: found 1, allowed:"),
        ("name=../../etc", "name: found '../../etc', allowed:"),
        ("seed=-1", "seed: found -1, allowed:"),
        ("link.uplink.trace=/nowhere.trace", "link.uplink"),
    ],
)
def test_each_mistake_is_one_line_with_file_key_found_and_allowed(
    override: str, message: str
) -> None:
    with pytest.raises(BadInput) as caught:
        lte(override)
    line = str(caught.value)
    assert line.startswith(f"{LTE}: {message}")
    assert "\n" not in line


def test_missing_required_key() -> None:
    tree = yaml.safe_load(LTE.read_text())
    del tree["link"]["downlink"]
    with pytest.raises(BadInput, match=r"link\.downlink: missing, and it is required"):
        parse(yaml.safe_dump(tree))
