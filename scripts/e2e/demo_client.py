#!/usr/bin/python3
"""The kernel client of ./ix demo: a set and a get, shown as they go over the wire, then the round-trip time of many."""

import socket
import sys
import time

host, port = sys.argv[1], int(sys.argv[2])
ROUNDS = 2000

connection = socket.create_connection((host, port), timeout=5)
connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def ask(request, end):
    connection.sendall(request)
    answer = b""
    while not answer.endswith(end):
        data = connection.recv(65536)
        if not data:
            sys.exit(f"the server closed the connection after {answer!r}")
        answer += data
    return answer


def show(request, expected, end):
    answer = ask(request, end)
    for line in request.splitlines():
        print("    client> " + line.decode())
    for line in answer.splitlines():
        print("    server> " + line.decode())
    if answer != expected:
        sys.exit(f"expected {expected!r}")


print(f"    (kernel socket {connection.getsockname()} to {connection.getpeername()})")
show(b"set greeting 0 0 20\r\nHello from DPDK, JVM\r\n", b"STORED\r\n", b"\r\n")
show(b"get greeting\r\n", b"VALUE greeting 0 20\r\nHello from DPDK, JVM\r\nEND\r\n", b"END\r\n")

for _ in range(ROUNDS // 4):
    ask(b"get greeting\r\n", b"END\r\n")
times = []
for _ in range(ROUNDS):
    start = time.perf_counter_ns()
    ask(b"get greeting\r\n", b"END\r\n")
    times.append((time.perf_counter_ns() - start) / 1000)
times.sort()
print(
    f"    round trip of a get, {ROUNDS} times on one connection: "
    f"median {times[ROUNDS // 2]:.0f} us, p99 {times[ROUNDS * 99 // 100]:.0f} us, least {times[0]:.0f} us"
)
