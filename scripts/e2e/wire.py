#!/usr/bin/python3
"""A wire in user space between two interfaces, which loses, duplicates, corrupts, delays and reorders frames.

It runs in a network namespace of its own that holds one end of each veth pair. All decisions come from one seeded
generator, in the order in which frames arrive. ARP passes unharmed: it has no checksum, and a corrupted address in it is
a fault of the wire that no host can notice. On SIGTERM it prints what it did as JSON and ends.
"""

import argparse
import heapq
import json
import random
import select
import signal
import socket
import sys
import time

ETH_P_ALL = 3
ETH_P_ARP = b"\x08\x06"
SOL_PACKET = 263
PACKET_IGNORE_OUTGOING = 23
SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33
ETHERNET_HEADER_BYTES = 14
FRAMES_A_TURN = 64


def open_interface(name):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    end.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    end.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 64 << 20)
    end.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 16 << 20)
    end.bind((name, 0))
    end.setblocking(False)
    return end


class Wire:
    def __init__(self, options):
        self.options = options
        self.random = random.Random(options.seed)
        self.ends = [open_interface(options.left), open_interface(options.right)]
        self.waiting = []  # heap of (due, number, end to send on, frame)
        self.number = 0
        self.counts = dict.fromkeys(("frames", "lost", "duplicated", "corrupted", "reordered", "refused"), 0)

    def send(self, end, frame):
        try:
            end.send(frame)
        except (BlockingIOError, OSError):
            self.counts["refused"] += 1  # a full queue behind the wire, or the interface went away: a loss like others

    def later(self, end, frame, delay_seconds):
        self.number += 1
        heapq.heappush(self.waiting, (time.monotonic() + delay_seconds, self.number, end, frame))

    def pass_on(self, end, frame):
        options, chance, counts = self.options, self.random.random, self.counts
        counts["frames"] += 1
        if frame[12:14] == ETH_P_ARP:
            return self.send(end, frame)
        if chance() < options.loss:
            counts["lost"] += 1
            return None
        if chance() < options.corrupt:
            damaged = bytearray(frame)
            damaged[self.random.randrange(ETHERNET_HEADER_BYTES, len(frame))] ^= 1 << self.random.randrange(8)
            frame = bytes(damaged)
            counts["corrupted"] += 1
        if chance() < options.duplicate:
            counts["duplicated"] += 1
            self.later(end, frame, options.delay + 0.0005)
        if chance() < options.reorder:
            counts["reordered"] += 1
            return self.later(end, frame, options.delay + 0.0005 + 0.002 * chance())
        if options.delay > 0:
            return self.later(end, frame, options.delay)
        return self.send(end, frame)

    def run(self):
        poller = select.poll()
        other = {}
        for here, there in (self.ends, reversed(self.ends)):
            poller.register(here, select.POLLIN)
            other[here.fileno()] = (here, there)
        while True:
            timeout = None
            if self.waiting:
                timeout = max(0.0, (self.waiting[0][0] - time.monotonic()) * 1000)
            for descriptor, _ in poller.poll(timeout):
                here, there = other[descriptor]
                for _ in range(FRAMES_A_TURN):
                    try:
                        frame = here.recv(65536)
                    except BlockingIOError:
                        break
                    self.pass_on(there, frame)
            now = time.monotonic()
            while self.waiting and self.waiting[0][0] <= now:
                _, _, end, frame = heapq.heappop(self.waiting)
                self.send(end, frame)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("left")
    parser.add_argument("right")
    for fault in ("loss", "duplicate", "corrupt", "reorder"):
        parser.add_argument("--" + fault, type=float, default=0.0, help="probability a frame")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds for every frame")
    parser.add_argument("--seed", type=int, default=1)
    wire = Wire(parser.parse_args())

    def stop(_signal, _frame):
        print(json.dumps(wire.counts), flush=True)
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    print("ready", flush=True)
    wire.run()


main()
