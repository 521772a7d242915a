#!/usr/bin/python3
"""Sends bytes to an echo server and checks that the very same come back: length, SHA-256, and the end of the stream."""

import argparse
import hashlib
import os
import socket
import sys
import threading
import time

BLOCK_BYTES = 1 << 20


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--mebibytes", type=int, required=True)
    parser.add_argument("--timeout", type=float, default=30, help="seconds without progress that end the test")
    options = parser.parse_args()

    connection = socket.create_connection((options.host, options.port), timeout=options.timeout)
    # Random blocks, each sent rotated by another amount, so that no two places of the stream look alike.
    block = os.urandom(BLOCK_BYTES)
    sent_hash, failure = hashlib.sha256(), []

    def send():
        try:
            for number in range(options.mebibytes):
                cut = number * 7919 % BLOCK_BYTES
                data = block[cut:] + block[:cut]
                sent_hash.update(data)
                connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError as error:
            failure.append(f"sending: {error}")

    total = options.mebibytes * BLOCK_BYTES
    started = time.monotonic()
    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    received_hash, received = hashlib.sha256(), 0
    buffer = memoryview(bytearray(BLOCK_BYTES))
    try:
        while True:
            count = connection.recv_into(buffer)
            if count == 0:
                break
            received += count
            received_hash.update(buffer[:count])
    except OSError as error:
        failure.append(f"receiving: {error}")
    sender.join(options.timeout)
    seconds = time.monotonic() - started
    equal = received == total and sent_hash.digest() == received_hash.digest()
    print(
        f"{received} of {total} bytes came back in {seconds:.1f} s ({received * 8e-6 / seconds:.0f} Mbit/s each way), "
        f"SHA-256 {'equal' if equal else 'DIFFERS'}" + "".join("; " + text for text in failure)
    )
    sys.exit(0 if equal and not failure else 1)


main()
