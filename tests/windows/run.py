#!/usr/bin/env python3
"""Every journey in the real windows: `run.py --desktop PROGRAM --command PROGRAM [--keep] [JOURNEY …]`.

Ends with exit code 0 where all went as they should, 1 where one did not, and 3 where this machine cannot show a window;
then the last line says why. Pictures and profiles of a journey that failed are kept.
"""

import argparse
import shutil
import signal
import sys
import time

import canary
import changed
import daily
import joining
import journeys
import keyboard
import opening
import relay
import system
from webdriver import Desktop, Unexpected, missing_tools


def first_run(desktop, command):
    journeys.first_run(desktop, command)


def exchange(desktop, command):
    cast, alice, ben, noor = journeys.prepared(desktop, command)
    journeys.ask(cast, alice, noor)
    key = journeys.exchange(cast, alice, ben, noor)
    journeys.reveal(cast, noor, key)
    journeys.decline_and_revise(cast, alice, noor)
    journeys.hostile(cast, alice, noor)
    journeys.leak(cast, alice, key)


ALL = {
    "first-run": first_run, "exchange": exchange, "keyboard": keyboard.keyboard, "changed": changed.changed, "canary": canary.canary,
    "system": system.system, "opening": opening.opening, "relay": relay.relay, "daily": daily.daily,
    "joining": joining.joining,
}


def main():
    parser = argparse.ArgumentParser(description="Journeys in the real windows.")
    parser.add_argument("--desktop", required=True, help="the program with the windows, as it ships")
    parser.add_argument("--command", required=True, help="the command line, which prepares profiles")
    parser.add_argument("--keep", action="store_true", help="keep pictures and profiles")
    parser.add_argument("journey", nargs="*", choices=[*ALL, []], help="which; default: all")
    options = parser.parse_args()
    missing = missing_tools()
    if missing:
        print(f"no window can be shown here: {missing}")
        return 3
    # Whoever is told to end ends what it started first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    code = 0
    for name in options.journey or ALL:
        began, desktop, failed = time.monotonic(), Desktop(options.desktop), False
        try:
            ALL[name](desktop, options.command)
            print(f"journey {name}: as it should be, {time.monotonic() - began:.0f} s", flush=True)
        except Unexpected as unexpected:
            desktop.picture("end")
            failed, code = True, 1
            print(f"journey {name}: {unexpected}\nPictures: {desktop.folder}", flush=True)
        finally:
            desktop.end()
            if options.keep:
                print(f"Pictures: {desktop.folder}")
            elif not failed:
                shutil.rmtree(desktop.folder, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
