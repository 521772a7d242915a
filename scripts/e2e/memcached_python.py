#!/usr/bin/python3
"""Uses a memcached server through a library of Python: memcached_python.py pymemcache|pylibmc HOST PORT."""

import sys

library, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
large = bytes(range(256)) * 2000
many = {f"k{number}": f"value {number}".encode() for number in range(200)}


def check(what, got, expected):
    if got != expected:
        print(f"{library}: {what}: got {str(got)[:80]}, expected {str(expected)[:80]}")
        sys.exit(1)


def with_pymemcache():
    from pymemcache.client.base import Client

    client = Client((host, port), timeout=5, connect_timeout=5)
    client.flush_all()
    check("set", client.set("a", b"1", noreply=False), True)
    check("get", client.get("a"), b"1")
    check("add of what is there", client.add("a", b"2", noreply=False), False)
    check("replace", client.replace("a", b"5", noreply=False), True)
    check("incr", client.incr("a", 37), 42)
    check("decr", client.decr("a", 2), 40)
    check("append", client.append("a", b"!", noreply=False), True)
    check("prepend", client.prepend("a", b"?", noreply=False), True)
    value, token = client.gets("a")
    check("gets", value, b"?40!")
    check("cas", client.cas("a", b"swapped", token), True)
    check("cas with an old token", client.cas("a", b"again", token), False)
    check("touch", client.touch("a", 100, noreply=False), True)
    check("set without reply", client.set("quiet", b"q", noreply=True), True)
    check("get after it", client.get("quiet"), b"q")
    check("set_many", client.set_many(many, noreply=False), [])
    check("get_many", client.get_many(list(many)), many)
    check("large set", client.set("large", large, noreply=False), True)
    check("large get", client.get("large"), large)
    check("delete", client.delete("a", noreply=False), True)
    check("get of what is gone", client.get("a"), None)
    check("stats", b"curr_connections" in client.stats(), True)
    client.quit()


def with_pylibmc():
    import pylibmc

    for binary in (False, True):
        client = pylibmc.Client([f"{host}:{port}"], binary=binary, behaviors={"tcp_nodelay": True, "cas": True})
        mode = "binary" if binary else "ascii"
        client.flush_all()
        check(f"{mode} set", client.set("a", 1), True)
        check(f"{mode} get", client.get("a"), 1)
        check(f"{mode} add of what is there", client.add("a", 2), False)
        check(f"{mode} incr", client.incr("a", 41), 42)
        value, token = client.gets("a")
        check(f"{mode} gets", value, 42)
        check(f"{mode} cas", client.cas("a", 43, token), True)
        check(f"{mode} set_multi", client.set_multi(many), [])
        check(f"{mode} get_multi", client.get_multi(list(many)), many)
        check(f"{mode} large set", client.set("large", large), True)
        check(f"{mode} large get", client.get("large"), large)
        check(f"{mode} delete", client.delete("a"), True)
        check(f"{mode} get of what is gone", client.get("a"), None)
        client.disconnect_all()


{"pymemcache": with_pymemcache, "pylibmc": with_pylibmc}[library]()
print(f"{library}: all answers right")
