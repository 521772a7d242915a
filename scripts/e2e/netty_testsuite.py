#!/usr/bin/python3
"""Adds up the reports of Netty's test suite on IX and on epoll: one line STATE|COUNT|NAME|DETAIL for what passed on IX, with
the figures of both, and one for each failure and each reason to skip on IX. netty_testsuite.py TARGET-DIRECTORY"""

import collections
import glob
import os
import sys
import xml.etree.ElementTree

target = sys.argv[1]


def line(text):
    return " ".join((text or "").split()).replace("|", "/")[:160]


def read(directory):
    """Failures as (test, message), skips as a counter of (class, reason), and the number of tests that passed."""
    failed, skipped, passed = [], collections.Counter(), 0
    for path in sorted(glob.glob(os.path.join(target, directory, "TEST-*.testsuite.*.xml"))):
        for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
            name = case.get("classname", "").rsplit(".", 1)[-1]
            trouble = case.find("failure")
            if trouble is None:
                trouble = case.find("error")
            skip = case.find("skipped")
            if trouble is not None:
                failed.append((f"{name}.{case.get('name')}", trouble.get("message") or trouble.get("type")))
            elif skip is not None:
                skipped[(name, line(skip.get("message")) or "no reason given")] += 1
            else:
                passed += 1
    return failed, skipped, passed


def figures(failed, skipped, passed):
    skips = sum(skipped.values())
    return f"{len(failed) + passed} run, {len(failed)} failed, {skips} skipped"


ix = read("surefire-reports")
epoll = read("surefire-reports-epoll")
if ix[2] == 0:
    print("failed|1|Netty's test suite on IX|no test passed, or none ran")
else:
    print(f"passed|{ix[2]}|ix with ix|{figures(*ix)}")
if epoll[2] == 0:
    print("failed|1|Netty's test suite on epoll|no test passed, or none ran: nothing to compare with")
else:
    # Not counted as tests of IX.
    print(f"passed|0|epoll with epoll, for comparison|{figures(*epoll)}")
for name, message in epoll[0]:
    print(f"passed|0|on epoll it failed: {line(name)}|{line(message)}")
for name, message in ix[0]:
    print(f"failed|1|{line(name)}|{line(message)}")
for (name, reason), count in sorted(ix[1].items()):
    also = epoll[1].get((name, reason), 0)
    print(f"skipped|{count}|{name}|{reason}{' (on epoll too)' if also else ''}")
