# SPDX-License-Identifier: Apache-2.0
"""A cable with faults: frames between two interfaces arrive late, are lost, or
wait for their turn. In user space, because the kernel's netem is an option that
many kernels lack.

usage: wire.py INTERFACE INTERFACE DELAY_S LOSS BIT_PER_S SEED [ADDRESS]

Both directions have the delay, the loss (a fraction) and the rate (0: any); with
an address only what comes from it or goes to it has, by IPv4. The senders must
not leave segmentation and checksums to the interface. Ends by signal.
"""
import heapq
import itertools
import random
import select
import socket
import sys
import time

ALL_PROTOCOLS = 3
FRAME_BYTES = 1 << 16


def attach(interface):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                         socket.htons(ALL_PROTOCOLS))
    wire.bind((interface, ALL_PROTOCOLS))
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
    wire.setblocking(False)
    return wire


IPV4 = b"\x08\x00"


class Direction:
    """Frames from one end, in the order of their arrival at the other."""

    def __init__(self, source, sink, delay_s, loss, bit_per_s, draw, only):
        self.source, self.sink = source, sink
        self.only = only  # an address, 4 bytes; None: all
        self.delay_s, self.loss, self.bit_per_s = delay_s, loss, bit_per_s
        self.draw = draw
        self.free = 0.0  # when the last frame has left the cable's begin

    def take(self):
        """The next frame and when it is due; None when there is none, or it
        is lost."""
        try:
            frame, address = self.source.recvfrom(FRAME_BYTES)
        except BlockingIOError:
            return None
        if address[2] == socket.PACKET_OUTGOING:
            return 0.0, b""
        if self.only is not None and not self.concerns(frame):
            return 0.0, frame
        if self.draw.random() < self.loss:
            return 0.0, b""
        self.free = max(self.free, time.monotonic())
        if self.bit_per_s:
            self.free += 8 * len(frame) / self.bit_per_s
        return self.free + self.delay_s, frame


    def concerns(self, frame):
        return frame[12:14] == IPV4 and \
            self.only in (frame[26:30], frame[30:34])


def forward(first, second, delay_s, loss, bit_per_s, seed, only):
    draw = random.Random(seed)
    ways = {a.fileno(): Direction(a, b, delay_s, loss, bit_per_s, draw, only)
            for a, b in ((first, second), (second, first))}
    poll = select.poll()
    for number in ways:
        poll.register(number, select.POLLIN)
    due, order = [], itertools.count()
    while True:
        wait_ms = None if not due else \
            max(0.0, (due[0][0] - time.monotonic()) * 1e3)
        for number, _ in poll.poll(wait_ms):
            way = ways[number]
            while (taken := way.take()) is not None:
                if taken[1]:
                    heapq.heappush(due, (taken[0], next(order), way, taken[1]))
        while due and due[0][0] <= time.monotonic():
            _, _, way, frame = heapq.heappop(due)
            try:
                way.sink.send(frame)
            except OSError:
                pass  # the other end is down: frames to it are lost


if __name__ == "__main__":
    forward(attach(sys.argv[1]), attach(sys.argv[2]),
            *(float(word) for word in sys.argv[3:6]), int(sys.argv[6]),
            socket.inet_aton(sys.argv[7]) if len(sys.argv) > 7 else None)
