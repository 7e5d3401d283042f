"""Messages over a socket: whole at any size, late or never without anybody waiting for longer than said."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from csai_core.vector.channel import GONE, Channel, exchange

LARGE = bytes(range(256)) * 8192  # 2 MB, larger than any pipe
LONG_AGO = 0.0


@pytest.fixture
def ends():
    ends = [Channel(end) for end in socket.socketpair()]
    yield ends
    for end in ends:
        end.close()


@pytest.mark.parametrize("message", [b"a", LARGE])
def test_messages_arrive_whole_and_in_order(ends, message):
    here, there = ends
    received = []
    reader = threading.Thread(target=lambda: received.extend(exchange([there])[there] for _ in range(2)))
    reader.start()
    here.put(message)
    here.put(b"end")
    while here.wants_to_send:
        here.send()
    reader.join()
    assert received == [message, b"end"]


def test_both_sides_may_send_at_once(ends):
    here, there = ends
    for end in ends:
        end.put(LARGE)
    assert here.wants_to_send
    assert there.wants_to_send
    other = threading.Thread(target=lambda: exchange([there]))
    other.start()
    assert exchange([here])[here] == LARGE
    other.join()
    assert not here.wants_to_send


def test_one_that_reads_nothing_and_one_that_stopped_midway_are_waited_for_together_until_the_deadline(ends):
    deaf = ends[0]
    ours, theirs = socket.socketpair()
    halting = Channel(ours)
    theirs.sendall((100).to_bytes(8, "big") + b"only the beginning")
    deaf.put(LARGE)
    assert exchange([deaf, halting], time.monotonic() + 0.05) == {deaf: None, halting: None}
    assert deaf.wants_to_send
    theirs.sendall(b"x" * 82)
    assert exchange([halting], LONG_AGO)[halting] == b"only the beginning" + b"x" * 82
    theirs.close()
    halting.close()


def test_one_that_goes_on_sending_is_not_waited_for_longer(ends):
    here, there = ends
    there.put(LARGE)
    assert exchange([here], LONG_AGO)[here] is None


@pytest.mark.parametrize("sent", [b"", (100).to_bytes(8, "big"), (100).to_bytes(8, "big") + b"part"])
def test_the_end_of_the_other_side_is_told_wherever_it_comes(sent):
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    theirs.sendall(sent)
    theirs.close()
    assert exchange([channel], time.monotonic() + 60)[channel] == GONE
    channel.put(LARGE)
    assert not channel.wants_to_send
    channel.close()


def test_what_arrived_before_the_end_is_received():
    ours, theirs = socket.socketpair()
    channel = Channel(ours)
    theirs.sendall((3).to_bytes(8, "big") + b"all")
    theirs.close()
    assert exchange([channel])[channel] == b"all"
    assert exchange([channel])[channel] == GONE
    channel.close()
