"""The joules that each request costs the edge, above what it draws when it rests.

A model: times and bytes of a request, times the figures of the device and the radio. For local
nothing crosses the link, and the radio's parts are 0. What is not known is NaN.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from math import isnan, nan
from operator import attrgetter

from testbed.results.power import EdgePower, Radio
from testbed.results.record import RequestRecord

COMPUTING = ("head", "encode")
SENDING = ("uplink", "downlink", "radio_on", "radio_tail")
PARTS = (*COMPUTING, *SENDING)
"""What a request's energy consists of: a column of `record.py` each, `energy_PART_j`."""

_BITS = 8
_BLOCK = attrgetter("deployment", "repeat", "attempt")


def reckon(records: Iterable[RequestRecord], power: EdgePower) -> None:
    """Fill in the energy of all requests of a run, whichever clock it had.

    The radio is in use from when a request was sent until its answer was there, and of requests
    that overlap the one that was sent first has the time that they share. Then comes its tail,
    until the next request is sent or the tail is over, which the request has that was under way
    last. A block ends with its last request: what the radio draws after that belongs to what comes
    next. So the requests of a block sum to what the block cost. Of a request that the server did
    not answer it is not known when its last byte crossed: its tail begins when it was sent.

    An example, with a tail of 10 s: requests are sent at 0, 1 and 30 s, and answered at 2, 3 and
    31 s. The first has the radio in use for 2 s, the second for 1 s, and a tail of 10 s; the third
    for 1 s, and no tail.
    """
    if power.computing_w is None:
        return
    for _, block in groupby(sorted(records, key=_BLOCK), _BLOCK):
        _reckon_block(list(block), power.computing_w.value, power.radio)


def model_range(parts_j: Mapping[str, float | None], power: EdgePower) -> tuple[float, float]:
    """Least and most that the parts may sum to: with all figures at their lowest or highest.

    parts_j: of `PARTS`. NaN twice where one is unknown.
    """
    low_j = high_j = 0.0
    for part in PARTS:
        part_j = parts_j[part]
        if part_j is None or isnan(part_j):
            return nan, nan
        low, high = _relative(part, power) if part_j else (1.0, 1.0)
        low_j, high_j = low_j + low * part_j, high_j + high * part_j
    return low_j, high_j


def _relative(part: str, power: EdgePower) -> tuple[float, float]:
    """Lowest and highest of the figure behind a part, to the value used."""
    figure, radio = power.computing_w, power.radio
    if part in SENDING and radio is not None:
        figure = {
            "uplink": radio.up_j_per_bit,
            "downlink": radio.down_j_per_bit,
            "radio_on": radio.connected_w,
            "radio_tail": radio.tail_w,
        }[part]
    if figure is None:
        return nan, nan
    return figure.lowest / figure.value, figure.highest / figure.value


def _reckon_block(block: Sequence[RequestRecord], computing_w: float, radio: Radio | None) -> None:
    sent = sorted((record for record in block if not isnan(record.sent_s)), key=lambda r: r.sent_s)
    for record in block:
        computed_s = record.head_done_s - record.issued_s
        if not isnan(record.fell_back_s):
            computed_s += record.fallback_done_s - record.fell_back_s
        record.energy_head_j = computing_w * computed_s
        record.energy_encode_j = computing_w * (record.encode_done_s - record.head_done_s)
        if radio is not None or not sent:
            record.energy_radio_on_j = record.energy_radio_tail_j = 0.0
            bits_j = _bits_j(record, radio) if radio is not None and sent else (0.0, 0.0)
            record.energy_uplink_j, record.energy_downlink_j = bits_j
    if radio is not None and sent:
        _time_j(sent, radio)


def _bits_j(record: RequestRecord, radio: Radio) -> tuple[float, float]:
    """Of what crossed the link for it; where that was not metered, of its payloads."""
    up, down = record.wire_up_bytes, record.wire_down_bytes
    up = record.payload_up_bytes if up < 0 else up
    down = record.payload_down_bytes if down < 0 else down
    return up * _BITS * radio.up_j_per_bit.value, down * _BITS * radio.down_j_per_bit.value


def _time_j(sent: Sequence[RequestRecord], radio: Radio) -> None:
    """Time in use, and tails. sent: at least one, by when they were."""
    last, until_s = sent[0], sent[0].sent_s
    for record in sent:
        tail_s = min(max(0.0, record.sent_s - until_s), radio.tail_s)
        last.energy_radio_tail_j += radio.tail_w.value * tail_s
        there_s = record.answered_s - record.reply_wait_s
        unanswered = isnan(there_s) or not isnan(record.fell_back_s)
        end_s = record.sent_s if unanswered else there_s
        in_use_s = end_s - max(record.sent_s, until_s)
        record.energy_radio_on_j = radio.connected_w.value * max(0.0, in_use_s)
        if end_s >= until_s:
            last, until_s = record, end_s
