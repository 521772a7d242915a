#!/usr/bin/python3
"""Adds up the reports of Netty's test suite with IX and on epoll: one line STATE|COUNT|NAME|DETAIL for what passed in each
pairing with IX, beside epoll's figures, and one for each failure and each reason to skip.
netty_testsuite.py TARGET-DIRECTORY COMPLIANCE.MD"""

import collections
import glob
import os
import sys
import xml.etree.ElementTree

target, compliance = sys.argv[1], open(sys.argv[2], encoding="utf-8").read()

PAIRINGS = [
    ("ix with ix, internal loopback", "surefire-reports"),
    ("ix server, nio client, through a TAP", "surefire-reports-ix-nio"),
    ("nio server, ix client, through a TAP", "surefire-reports-nio-ix"),
]
EPOLL = "surefire-reports-epoll"


def line(text):
    return " ".join((text or "").split()).replace("|", "/")[:160]


def reason(message):
    if (message or "").endswith(" is @Disabled"):
        return "disabled in the suite, without a reason"
    return line(message) or "no reason given"


class Run:
    """Failures as (test, message), skips as a counter of (class, method, reason), and the number of tests that passed."""

    def __init__(self, directory):
        self.failed, self.skipped, self.passed = [], collections.Counter(), 0
        for path in sorted(glob.glob(os.path.join(target, directory, "TEST-*.testsuite.*.xml"))):
            for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
                self.add(case)

    def add(self, case):
        name = case.get("classname", "").rsplit(".", 1)[-1]
        trouble = case.find("failure")
        if trouble is None:
            trouble = case.find("error")
        skip = case.find("skipped")
        if trouble is not None:
            self.failed.append((f"{name}.{case.get('name')}", trouble.get("message") or trouble.get("type")))
        elif skip is not None:
            method = case.get("name", "").split("(", 1)[0].split("{", 1)[0]
            self.skipped[(name, method, reason(skip.get("message")))] += 1
        else:
            self.passed += 1

    def figures(self):
        skips = sum(self.skipped.values())
        return f"{len(self.failed) + self.passed} run, {len(self.failed)} failed, {skips} skipped"


def documented(name, method):
    """COMPLIANCE.md names the test, as Class.method, or its class."""
    short = name.removeprefix("Ix").removesuffix("Test")
    return f"`{short}.{method}`" in compliance or f"`{short}`" in compliance


epoll = Run(EPOLL)
if epoll.passed == 0:
    print("failed|1|Netty's test suite on epoll|no test passed, or none ran: nothing to compare with")
for title, directory in PAIRINGS:
    ix = Run(directory)
    if ix.passed == 0:
        print(f"failed|1|{title}|no test passed, or none ran")
    else:
        print(f"passed|{ix.passed}|{title}|{ix.figures()} (epoll: {epoll.figures()})")
    for name, message in ix.failed:
        print(f"failed|1|{title}: {line(name)}|{line(message)}")
    for (name, method, why), count in sorted(ix.skipped.items()):
        if epoll.skipped[(name, method, why)] >= count:
            print(f"skipped|{count}|{title}: {name}.{method}|{why} (on epoll too)")
        elif documented(name, method):
            print(f"skipped|{count}|{title}: {name}.{method}|{why}")
        else:
            print(f"failed|{count}|{title}: {name}.{method}|skipped, not on epoll, and not in COMPLIANCE.md: {why}")
for name, message in epoll.failed:
    # Not counted as a test of IX.
    print(f"passed|0|on epoll it failed: {line(name)}|{line(message)}")
