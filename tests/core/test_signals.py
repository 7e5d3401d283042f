"""Being ended is an exception where somebody wants to save something, and nowhere else."""

import os
import signal
import threading

import pytest

from csai_core.signals import interrupt_on_signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_inside_is_an_interrupt_and_outside_what_it_was(number):
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), interrupt_on_signals():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_in_other_threads_nothing_changes():
    before, seen = signal.getsignal(signal.SIGTERM), []

    def inside():
        with interrupt_on_signals():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert seen == [before]
