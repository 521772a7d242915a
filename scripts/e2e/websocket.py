#!/usr/bin/python3
"""Talks to a WebSocket echo server through the library websockets: websocket.py URL [CERTIFICATE-TO-TRUST]."""

import asyncio
import hashlib
import random
import ssl
import sys

import websockets

MEBIBYTE = 1 << 20
FRAGMENT_BYTES = 64 << 10
TIMEOUT_SECONDS = 60

url = sys.argv[1]
tls = ssl.create_default_context(cafile=sys.argv[2]) if len(sys.argv) > 2 else None


def check(what, holds):
    if not holds:
        print(f"{what}: not so")
        sys.exit(1)


async def fragments(data):
    for start in range(0, len(data), FRAGMENT_BYTES):
        yield data[start : start + FRAGMENT_BYTES]


async def echo(connection, message, sent=None):
    sending = asyncio.ensure_future(connection.send(message if sent is None else sent))
    answer = await connection.recv()
    await sending
    return answer


async def main():
    async with websockets.connect(url, ssl=tls, max_size=None, open_timeout=TIMEOUT_SECONDS) as connection:
        check("text comes back", await echo(connection, "grüße") == "grüße")
        check("an empty message comes back", await echo(connection, b"") == b"")
        await asyncio.wait_for(await connection.ping(b"are you there"), TIMEOUT_SECONDS)
        source = random.Random(1)
        total = 0
        for size in [1, 125, 126, 65535, 65536, 1460, 1461, MEBIBYTE] + [source.randrange(200_000) for _ in range(100)]:
            data = source.randbytes(size)
            check(f"a frame of {size} bytes comes back", await echo(connection, data) == data)
            total += size
        data = source.randbytes(32 * MEBIBYTE)
        answer = await echo(connection, data, fragments(data))
        check(
            "a message in fragments comes back",
            hashlib.sha256(answer).digest() == hashlib.sha256(data).digest(),
        )
    check("the server answers the close", connection.close_code == 1000)
    print(f"text, ping, 108 frames ({total} bytes) and 32 MiB in fragments came back, SHA-256 equal; closed with 1000")


asyncio.run(asyncio.wait_for(main(), TIMEOUT_SECONDS))
