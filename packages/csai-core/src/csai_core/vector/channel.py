"""Messages between two processes, of any size, which nobody has to wait for longer than a deadline.

A pipe takes some 200 kB; who writes more waits until the other side reads, and who reads waits until it has
written everything, for ever if it was stopped in between. So nothing here blocks: a channel sends and
receives what can be sent and received now, and `exchange` does so until all have answered or it is too late.
"""

from __future__ import annotations

import selectors
import struct
import time
from collections import deque
from collections.abc import Collection
from socket import socket

_HEADER = struct.Struct("!Q")
"""In front of each message: its size in bytes."""
GONE = b""
"""What stands for the message of a side that is gone; no message is empty."""


class Channel:
    """One end of a connection.

    Args:
        connection: a stream socket, which is the channel's from now on.
    """

    def __init__(self, connection: socket) -> None:
        connection.setblocking(False)
        self._socket = connection
        self._outgoing: deque[memoryview] = deque()
        self._incoming = memoryview(bytearray(_HEADER.size))
        self._num_received = 0
        self._is_header = True

    def fileno(self) -> int:
        """The descriptor, by which a selector knows it."""
        return self._socket.fileno()

    @property
    def wants_to_send(self) -> bool:
        """Whether something is left that could not be sent yet."""
        return bool(self._outgoing)

    def put(self, message: bytes) -> None:
        """Send a message: at once what the connection takes, the rest in `exchange`."""
        self._outgoing += (memoryview(_HEADER.pack(len(message))), memoryview(message))
        self.send()

    def send(self) -> None:
        """Send what can be sent now; that the other side is gone is noticed when it is to answer."""
        try:
            while self._outgoing:
                sent = self._socket.send(self._outgoing[0])
                self._outgoing[0] = self._outgoing[0][sent:]
                if not self._outgoing[0]:
                    self._outgoing.popleft()
        except BlockingIOError:
            pass
        except OSError:
            self._outgoing.clear()

    def receive(self) -> bytes | bytearray | None:
        """Receive what has arrived: a message if that completes one, GONE if none can come any more."""
        try:
            while received := self._socket.recv_into(self._incoming[self._num_received :]):
                self._num_received += received
                if self._num_received == len(self._incoming) and (message := self._completed()):
                    return message
        except BlockingIOError:
            return None
        except OSError:
            pass
        return GONE

    def close(self) -> None:
        """Close this end; the other one then hears that it is gone."""
        self._socket.close()

    def _completed(self) -> bytearray | None:
        """The message that is complete now; None if that was only its header."""
        filled: bytearray = self._incoming.obj  # type: ignore[assignment]
        size = _HEADER.unpack(filled)[0] if self._is_header else _HEADER.size
        self._incoming, self._num_received = memoryview(bytearray(size)), 0
        self._is_header = not self._is_header
        return filled if self._is_header else None


def exchange(
    channels: Collection[Channel], deadline: float | None = None
) -> dict[Channel, bytes | bytearray | None]:
    """Send all that waits to be sent, and receive one message of each.

    Args:
        channels: with whom.
        deadline: until when, by `time.monotonic()`; None waits as long as it takes.

    Returns:
        For each its message; GONE if the other side is gone, None if it has not answered in time.
    """
    messages: dict[Channel, bytes | bytearray | None] = dict.fromkeys(channels)
    with selectors.DefaultSelector() as selector:
        for channel in channels:
            selector.register(channel, _events(channel, has_answered=False))
        while selector.get_map():
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            for key, events in selector.select(left):
                ready: Channel = key.fileobj  # type: ignore[assignment]
                if events & selectors.EVENT_WRITE:
                    ready.send()
                if events & selectors.EVENT_READ:
                    messages[ready] = ready.receive()
                if wanted := _events(ready, has_answered=messages[ready] is not None):
                    selector.modify(ready, wanted)
                else:
                    selector.unregister(ready)
            if left == 0.0:
                break
    return messages


def _events(channel: Channel, *, has_answered: bool) -> int:
    reading = 0 if has_answered else selectors.EVENT_READ
    return reading | (selectors.EVENT_WRITE if channel.wants_to_send else 0)
