#!/usr/bin/python3
"""Connects to a port without listener: the answer must be a RST (connection refused), at once."""

import socket
import sys
import time

started = time.monotonic()
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3).close()
except ConnectionRefusedError:
    milliseconds = (time.monotonic() - started) * 1000
    print(f"refused after {milliseconds:.1f} ms")
    sys.exit(0 if milliseconds < 1000 else 1)
except OSError as error:
    print(f"expected RST, got: {error}")
    sys.exit(1)
print("expected RST, but somebody accepts connections there")
sys.exit(1)
