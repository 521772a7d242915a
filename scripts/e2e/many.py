#!/usr/bin/python3
"""Opens many connections to an echo server at once, uses all of them while all are open, and closes them in order."""

import argparse
import asyncio
import resource
import sys
import time


async def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=60)
    options = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, options.connections + 64)), hard))

    async def use(number, reader, writer):
        for turn in range(options.rounds):
            message = f"{number}:{turn}:".encode() * 20
            writer.write(message)
            answer = await reader.readexactly(len(message))
            if answer != message:
                raise ValueError(f"connection {number} got the bytes of another: {answer[:40]!r}")

    async def work():
        started = time.monotonic()
        streams = await asyncio.gather(
            *(asyncio.open_connection(options.host, options.port) for _ in range(options.connections))
        )
        opened = time.monotonic()
        await asyncio.gather(*(use(number, *stream) for number, stream in enumerate(streams)))
        used = time.monotonic()
        for _, writer in streams:
            writer.write_eof()
        for number, (reader, _) in enumerate(streams):
            if await reader.read() != b"":
                raise ValueError(f"connection {number}: data after the end")
        for _, writer in streams:
            writer.close()
        print(
            f"{len(streams)} connections open at once ({opened - started:.2f} s), "
            f"{options.rounds} messages on each ({used - opened:.2f} s), all closed in order"
        )

    await asyncio.wait_for(work(), options.timeout)


try:
    asyncio.run(main())
except Exception as error:  # one line for the report, whatever it was
    print(f"{type(error).__name__}: {error}")
    sys.exit(1)
