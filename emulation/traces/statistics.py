"""What a rate trace is like, in numbers: mean, spread, outages and memory."""

from dataclasses import dataclass
from math import exp

import numpy as np

from emulation.trace import PACKET_BITS, RateTrace


@dataclass(frozen=True, slots=True)
class TraceStatistics:
    """One period of a trace, cut into bins.

    mean_bps, p10_bps, p50_bps, p90_bps: of the bins' rates at the IP layer. variation: their
    standard deviation over their mean. outage_share: of the time lies in gaps of OUTAGE_S or
    more. longest_gap_s. memory_s: the lag at which their autocorrelation falls below 1/e.
    """

    mean_bps: float
    p10_bps: float
    p50_bps: float
    p90_bps: float
    variation: float
    outage_share: float
    longest_gap_s: float
    memory_s: float


OUTAGE_S = 0.5
"""A gap this long counts as an outage (chosen: longer than any turn on a busy Wi-Fi channel)."""


def statistics(trace: RateTrace, bin_s: float) -> TraceStatistics:
    """Measure `trace` in whole bins of `bin_s` seconds; what is left over at the end is not used.

    The trace must be at least two bins long.
    """
    bin_ms = round(bin_s * 1000)
    bins = trace.period_ms // bin_ms
    at_ms = np.array(trace.delivery_ms)
    counts = np.histogram(at_ms, bins=np.arange(bins + 1) * bin_ms + 0.5)[0]
    rates_bps = counts * PACKET_BITS / bin_s
    gaps_s = np.diff(at_ms, prepend=0) / 1000
    mean_bps = float(rates_bps.mean())
    p10_bps, p50_bps, p90_bps = (float(value) for value in np.quantile(rates_bps, [0.1, 0.5, 0.9]))
    return TraceStatistics(
        *(mean_bps, p10_bps, p50_bps, p90_bps),
        variation=float(rates_bps.std()) / mean_bps,
        outage_share=float(gaps_s[gaps_s >= OUTAGE_S].sum()) / (trace.period_ms / 1000),
        longest_gap_s=float(gaps_s.max()),
        memory_s=_memory_bins(rates_bps) * bin_s,
    )


def _memory_bins(rates_bps: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    """Bins until the autocorrelation falls below 1/e, interpolated; all of them if it never does.

    A rate that never changes is remembered for ever.
    """
    deviations = rates_bps - rates_bps.mean()
    power = float(deviations @ deviations)
    if power == 0:
        return float(len(rates_bps))
    before = 1.0
    for lag in range(1, len(deviations)):
        now = float(deviations[:-lag] @ deviations[lag:]) / power
        if now < exp(-1):
            return lag - 1 + (before - exp(-1)) / (before - now)
        before = now
    return float(len(rates_bps))
