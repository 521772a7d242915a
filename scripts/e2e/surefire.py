#!/usr/bin/python3
"""Adds up the surefire reports below a Maven reactor: one line STATE|COUNT|NAME|DETAIL for each module's passed tests, and
one for each failed or skipped test. surefire.py ROOT [REGULAR-EXPRESSION on the class name]"""

import collections
import glob
import os
import re
import sys
import xml.etree.ElementTree

root = sys.argv[1]
wanted = re.compile(sys.argv[2] if len(sys.argv) > 2 else "")
passed = collections.Counter()
others = []


def line(text):
    return " ".join((text or "").split()).replace("|", "/")[:160]


for path in sorted(glob.glob(os.path.join(root, "*/target/surefire-reports/TEST-*.xml"))):
    module = os.path.relpath(path, root).split(os.sep)[0]
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        if not wanted.search(case.get("classname", "")):
            continue
        name = f"{module}: {case.get('classname', '').rsplit('.', 1)[-1]}.{case.get('name')}"
        trouble = case.find("failure")
        if trouble is None:
            trouble = case.find("error")
        skipped = case.find("skipped")
        if trouble is not None:
            others.append(("failed", name, line(trouble.get("message") or trouble.get("type"))))
        elif skipped is not None:
            others.append(("skipped", name, line(skipped.get("message")) or "no reason given"))
        else:
            passed[module] += 1

for module in sorted(passed):
    print(f"passed|{passed[module]}|{module}|{passed[module]} tests")
for state, name, detail in others:
    print(f"{state}|1|{line(name)}|{detail}")
