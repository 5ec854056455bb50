"""An interruption waits for the end of a step."""

import signal
import threading

import pytest

from testbed.training.process import signals_deferred


def test_ctrl_c_comes_at_the_end() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), signals_deferred():
        signal.raise_signal(signal.SIGINT)
        done.append("the rest of the step")
    assert done


def test_handlers_are_as_before() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with signals_deferred():
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_an_error_goes_through() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError), signals_deferred():
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGINT) == before


def test_other_threads_may_train_too() -> None:
    done = []

    def work() -> None:
        with signals_deferred():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
