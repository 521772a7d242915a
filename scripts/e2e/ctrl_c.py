#!/usr/bin/python3
"""Runs a command as a terminal does, presses Ctrl-C once its output contains a text, and tells how it ended.

ctrl_c.py TEXT SECONDS COMMAND...: the whole process group gets SIGINT. Exit code: that of the command (130 when it ends as
a shell reports SIGINT), 99 when it had not ended after SECONDS."""

import os
import signal
import subprocess
import sys
import threading

text, seconds, command = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
process = subprocess.Popen(
    command,
    stdin=subprocess.DEVNULL,
    stdout=subprocess.PIPE,
    stderr=subprocess.STDOUT,
    text=True,
    start_new_session=True,
    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
)
too_late = threading.Timer(120, lambda: os.killpg(process.pid, signal.SIGTERM))
too_late.start()
for line in process.stdout:
    print(line, end="", flush=True)
    if text in line:
        break
else:
    too_late.cancel()
    print(f"ended with {process.wait()} before it said '{text}'")
    sys.exit(98)
too_late.cancel()
os.killpg(process.pid, signal.SIGINT)
try:
    print(process.communicate(timeout=seconds)[0], end="")
except subprocess.TimeoutExpired:
    print(f"still there {seconds:.0f} s after Ctrl-C")
    sys.exit(99)
code = process.returncode
print(f"ended with {code} after Ctrl-C")
sys.exit(130 if code in (130, -signal.SIGINT) else code % 256)
