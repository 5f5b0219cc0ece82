import signal

import pytest

from transflower.training.stopping import StopNow, StopRequest


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_first_signal_asks_and_second_stops(number):
    with StopRequest() as stop:
        assert not stop.is_made
        signal.raise_signal(number)
        assert stop.is_made
        with pytest.raises(StopNow):
            signal.raise_signal(number)


def test_handlers_are_given_back():
    # Where pytest runs in the background of a shell, Ctrl-C is ignored from the start.
    original = signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.getsignal(signal.SIGINT)
    with StopRequest() as stop:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # As Lightning does.
        stop.listen()
        signal.raise_signal(signal.SIGTERM)
        assert stop.is_made
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, original)
