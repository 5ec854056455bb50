"""THE law: what one direction of a link does to packets.

    offer ─> random loss ─> queue ─> service at the rate ─> delay + jitter ─> due
             (before any rate is used, as netem does)

`lane.py` puts the parts together: `loss.py`; `service.py`, a queue with a limit in front of a rate,
and maybe a policy beside (`emulation.queues`); `capacity.py`, rates that vary; `jitter.py`, delays
that do. Pure and without a clock: time comes in as an argument, in seconds on
any clock that does not run backwards, so that one lane is driven by a packet ferry, by wall-time
SimPy or by virtual time.
"""

from emulation.lane.lane import Dropped, Lane, LaneCounters, lane_seeds

__all__ = ["Dropped", "Lane", "LaneCounters", "lane_seeds"]
