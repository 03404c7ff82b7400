# SPDX-License-Identifier: Apache-2.0
"""A controller that stalls, floods or sends half messages slows itself: another one is answered as soon as before, and memory stays bounded."""
import contextlib
import struct
import threading
import time

import pytest

import process
from openflow import Connection

V13 = 4
ECHO, FLOW_MOD, MULTIPART, PACKET_OUT = 2, 14, 18, 13
ANSWER_SECONDS = 2  # of a busy machine; the answer itself takes less than a millisecond
MEMORY_KB = 96 << 10
PATIENCE_SECONDS = 3


def flow_mod(number, command=0):
    match = struct.pack(">HHHBBI", 1, 12, 0x8000, 0, 4, number) + bytes(4)
    return FLOW_MOD, struct.pack(">QQBBHHHIIIHxx", 7, 0, 9, command, 0, 0, 10, 0xffffffff, 0xffffffff, 0xffffffff, 0) + match


ALL_FLOWS = MULTIPART, struct.pack(">HH4xB3xII4xQQHH4x", 1, 0, 0xff, 0xffffffff, 0xffffffff, 0, 0, 1, 4)
BIG_ECHO = ECHO, bytes(60000)


def stalls(connection, stop):
    """Asks without end and never reads."""
    connection.stream.settimeout(0.2)
    block = b"".join(connection.message(*ALL_FLOWS) + connection.message(*BIG_ECHO) for _ in range(8))
    send_without_end(connection, block, stop)


def floods_with_changes(connection, stop):
    """Changes without end, and reads nothing."""
    connection.stream.settimeout(0.2)
    block = b"".join(connection.message(*flow_mod(i % 4000)) for i in range(8000))
    send_without_end(connection, block, stop)


def floods_with_mistakes(connection, stop):
    connection.stream.settimeout(0.2)
    send_without_end(connection, connection.message(200) * 8000, stop)


def sends_half(connection, stop):
    """The first half of a message, byte by byte, and no more."""
    message = connection.message(*BIG_ECHO)
    for i in range(2000):
        connection.stream.sendall(message[i:i + 1])
    stop.wait()


def lies_of_its_length(connection, stop):
    connection.stream.sendall(struct.pack(">BBHI", V13, ECHO, 0xffff, 1) + bytes(8))
    stop.wait()


def send_without_end(connection, block, stop):
    """Sends blocks; what a full socket does not take is tried again from where it stopped."""
    left = b""
    while not stop.is_set():
        left = left or block
        with contextlib.suppress(TimeoutError):
            left = left[connection.stream.send(left):]


@contextlib.contextmanager
def beside(stack, rude):
    """Runs the rude one in a thread of its own connection."""
    stop = threading.Event()
    with Connection(stack, V13) as connection:
        def run():
            with contextlib.suppress(OSError):  # the switch may close it
                rude(connection, stop)
        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def slowest_answer(connection):
    """The longest time of an echo and a change with its barrier, in seconds."""
    worst, end = 0, time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        start = time.monotonic()
        connection.send((ECHO, b"x"))
        assert connection.receive()[1] == ECHO + 1
        assert connection.ask(flow_mod(1, 0)) == []
        worst = max(worst, time.monotonic() - start)
    return worst


@pytest.mark.parametrize("rude", [stalls, floods_with_changes, floods_with_mistakes, sends_half, lies_of_its_length])
def test_a_rude_controller_slows_only_itself(dummy, rude):
    dummy.allowed += [r"error|connection|closed|buffer|full|bad|refus|unread"]
    dummy.add_dummy(protocols="OpenFlow13")
    with Connection(dummy, V13) as good:
        good.ask(*(flow_mod(i) for i in range(1, 2000)))
        before = process.rss_kb(dummy.switch.pid)
        with beside(dummy, rude):
            assert slowest_answer(good) < ANSWER_SECONDS
            assert "p1" in dummy.ofctl("-O", "OpenFlow13", "show", "br0")
            assert process.rss_kb(dummy.switch.pid) - before < MEMORY_KB
        assert good.ask((ECHO, b"y"))[-1].endswith("79")
    process.until(lambda: "table=9" in dummy.ofctl("-O", "OpenFlow13", "dump-flows", "br0"), "the flows are there")
