"""Being ended is an exception where somebody wants to save something, and nowhere else."""

import os
import signal
import threading

import pytest

from csai_core.signals import deferred, handled_by, ignored, interrupt_on_signals


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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_can_wait_until_something_is_whole(number):
    done = []

    def write():
        with interrupt_on_signals(), deferred():
            os.kill(os.getpid(), number)
            os.kill(os.getpid(), number)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        write()
    assert done == ["all of it"]


def test_a_signal_can_be_paid_no_heed():
    with interrupt_on_signals(), ignored():
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.fixture
def arriving(monkeypatch):
    """Has a signal arrive right after the n-th time that a signal changes hands."""
    change, changes = signal.signal, []

    def arrange(number, after):
        changes.clear()

        def patched(changed, handler):
            former = change(changed, handler)
            changes.append(changed)
            if len(changes) == after:
                os.kill(os.getpid(), number)
            return former

        monkeypatch.setattr(signal, "signal", patched)

    return arrange


@pytest.mark.parametrize("after", [1, 2, 3, 4])
@pytest.mark.parametrize("inside", [deferred, interrupt_on_signals])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_handlers_change_is_answered_once_and_nothing_is_left_behind(
    arriving, number, inside, after
):
    before, received = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)], []

    def outside(number, frame):
        received.append(number)
        raise KeyboardInterrupt

    with handled_by(outside):
        arriving(number, after)
        with pytest.raises(KeyboardInterrupt), inside():
            pass
        arriving(number, 0)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert received[-2:] == [signal.SIGTERM, signal.SIGINT]
    assert received[:-2] in ([number], [])
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.parametrize("after", [1, 2, 3, 4])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_another_library_does_on_signals_stands_again_even_if_it_raises(
    arriving, monkeypatch, number, after
):
    def raising(number, frame):
        raise InterruptedError

    formers = {each: signal.signal(each, raising) for each in (signal.SIGINT, signal.SIGTERM)}
    arriving(number, after)
    try:
        with pytest.raises((InterruptedError, KeyboardInterrupt)), interrupt_on_signals():
            pass
        monkeypatch.undo()
        for each in formers:
            with pytest.raises(InterruptedError):
                os.kill(os.getpid(), each)
    finally:
        for each, former in formers.items():
            signal.signal(each, former)


def test_a_signal_that_waits_is_answered_even_if_what_it_waited_for_fails():
    def fail():
        os.kill(os.getpid(), signal.SIGTERM)
        raise OSError

    with pytest.raises(KeyboardInterrupt) as stopped, interrupt_on_signals(), deferred():
        fail()
    assert isinstance(stopped.value.__context__, OSError)


def test_what_is_set_inside_does_not_outlast_it():
    before = signal.getsignal(signal.SIGTERM)
    with interrupt_on_signals():
        with ignored():
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
