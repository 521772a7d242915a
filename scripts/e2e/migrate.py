#!/usr/bin/python3
"""Takes the server of docs/migrate.md and the lines that change, as they stand there: migrate.py DOCUMENT DIRECTORY writes
DIRECTORY/before/EchoServer.java and DIRECTORY/after/EchoServer.java."""

import os
import re
import sys

CHANGED_LINES = 3

text = open(sys.argv[1], encoding="utf-8").read()
server = re.search(r"^```java\n(.*?)^```", text, re.S | re.M).group(1)
change = re.search(r"^```diff\n(.*?)^```", text, re.S | re.M).group(1)
removed = [line[1:].strip() for line in change.splitlines() if line.startswith("-")]
added = [line[1:].strip() for line in change.splitlines() if line.startswith("+")]
if len(removed) != CHANGED_LINES or len(added) != CHANGED_LINES:
    sys.exit(f"{len(removed)} lines are taken away and {len(added)} added; the text promises {CHANGED_LINES}")

after = server.splitlines()
for old, new in zip(removed, added):
    places = [number for number, line in enumerate(after) if line.strip() == old]
    if len(places) != 1:
        sys.exit(f"the server has {len(places)} lines '{old}', not one")
    after[places[0]] = after[places[0]].replace(old, new)

for name, source in (("before", server), ("after", "\n".join(after) + "\n")):
    os.makedirs(os.path.join(sys.argv[2], name))
    with open(os.path.join(sys.argv[2], name, "EchoServer.java"), "w", encoding="utf-8") as file:
        file.write(source)
