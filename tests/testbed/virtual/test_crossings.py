"""What crosses is the same whoever answers; only the answers may be the whole network's."""

from testbed.choice.candidates import candidates
from testbed.choice.choose import asked
from testbed.choice.subject import network_of
from testbed.virtual.content import Contents
from tests.testbed.choice.test_choose import scenario


def test_what_crosses_is_the_same_and_all_answer_as_local_does() -> None:
    every = asked(scenario(), candidates(network_of(scenario()), 96))
    own = Contents(2).of(every).crossings
    whole = Contents(2, own_answers=False).of(every).crossings
    assert list(own) == list(whole)
    for name, crossing in whole.items():
        assert crossing.predictions == own["local"].predictions
        assert (crossing.payload_bytes, crossing.shape) == (
            own[name].payload_bytes,
            own[name].shape,
        )
