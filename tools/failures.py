#!/usr/bin/env python3
"""What failed, and the end of what it printed: `failures.py JUNIT`. Written last, so that a long log ends with it."""

import sys
import xml.etree.ElementTree as xml

LINES = 40

for case in xml.parse(sys.argv[1]).iter("testcase"):
    ended = [each for each in case if each.tag in ("failure", "error")]
    if not ended:
        continue
    print(f"\nFAILED {case.get('classname')} {case.get('name')}, after {float(case.get('time') or 0):.0f} s")
    print("".join(f"  {each.get('type') or each.tag}: {each.get('message') or ''}".rstrip() + "\n" for each in ended), end="")
    for stream in ("system-out", "system-err"):
        said = [line for line in (case.findtext(stream) or "").splitlines() if line.strip()]
        print("".join(f"  {line}\n" for line in said[-LINES:]), end="")
