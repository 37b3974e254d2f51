#!/usr/bin/env python3
"""Start and memory beside an empty window: `speed.py --desktop PROGRAM --empty PROGRAM --command PROGRAM`, for `make bench`.

Each is started in turn, several rounds, on a display of its own. *Start* is the time from the start of the process until
the page first painted its content, with the control that takes the input in it and focused: the field of the empty page,
the button *Unlock* of the lock screen. The page says itself when that was, so the driver's own time is not in it; then a
key is pressed, and the page must take it. *Memory* is what the application and its web processes take together once that
no longer changes (PSS: what is shared counts by the part).
"""

import argparse
import shutil
import signal
import statistics
import sys
import time

import memory
import prelude
from stage import Cast
from webdriver import Desktop, Unexpected, missing_tools

SHIFT = "\ue008"
PARTNERS, IN_ONE_FILE = 977, 25_000
MIB = 1 << 20
EMPTY, FEW, MANY = "empty window", "lock screen", "lock screen, large ledger"
# When the page first painted, and whether what takes the input has the focus.
PAINTED = """const paint = performance.getEntriesByName('first-contentful-paint')[0];
    const control = document.querySelector(arguments[0]);
    if (!paint || !control || document.activeElement !== control) return null;
    addEventListener('keydown', () => { document.documentElement.dataset.taken = 'yes'; }, { once: true });
    return performance.timeOrigin + paint.startTime;"""


class Seat:
    """One program, with what it is started with and the control that takes its first input."""

    def __init__(self, desktop, person, words, control):
        self.desktop, self.person, self.words, self.control = desktop, person, words, control

    def start(self):
        app = self.desktop.start(self.person, *self.words)
        own = [pid for pid, (_, parent) in memory.processes(app.driver.pid).items() if parent == app.driver.pid]
        if len(own) != 1:
            raise Unexpected(f"the driver started {len(own)} programs")
        return app, own[0]


def taken(app, pid, control):
    """How long it took until the page could take input, in milliseconds, and that it does."""
    said = []
    def painted():
        said[:] = [app.script(PAINTED, control)]
        return said[0] is not None
    app.until(painted, f"{control} is on the page and has the focus")
    app.keys(SHIFT)
    app.until(lambda: app.script("return document.documentElement.dataset.taken") == "yes", "the page takes a key")
    return said[0] - memory.started(pid) * 1000


def settled(pid, patience=30):
    """What a program and its web processes take, once three looks in a row agree within one part in two hundred."""
    looks, deadline = [], time.monotonic() + patience
    while time.monotonic() < deadline:
        time.sleep(0.5)
        looks = [*looks[-2:], memory.share([pid, *memory.processes(pid)])]
        if len(looks) == 3 and max(looks) - min(looks) < max(looks) / 200:
            break
    return looks[-1]


def lower_quartile(values):
    return statistics.quantiles(values, n=4, method="inclusive")[0] if len(values) > 1 else values[0]


def rounds(seats, count):
    """Every program in turn; the first round only warms the machine up."""
    found = {name: ([], []) for name in seats}
    for number in range(count + 1):
        for name, seat in seats.items():
            app, pid = seat.start()
            try:
                start, size = taken(app, pid, seat.control), settled(pid)
            finally:
                app.end()
            if number > 0:
                found[name][0].append(start)
                found[name][1].append(size)
    return {name: (lower_quartile(starts), lower_quartile(sizes)) for name, (starts, sizes) in found.items()}


def import_keys(cast, count):
    """Puts keys from before on the record, as an organisation that moves here does. Returns how long it took."""
    began = time.monotonic()
    for first in range(0, count, IN_ONE_FILE):
        numbers = range(first, min(first + IN_ONE_FILE, count))
        name = f"old-{first}.toml"
        (cast.folder / name).write_text("".join(old_key(number) for number in numbers), encoding="ascii")
        cast.command("alice", "key", "import", name, patience=3600)
        print(f"  {numbers[-1] + 1} keys after {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return time.monotonic() - began


def old_key(number):
    service, environment = (("shipments", "sandbox"), ("shipments", "production"), ("billing", "sandbox"))[number % 3]
    return (f'[[keys]]\npartner = "Partner {number % PARTNERS}"\nservice = "{service}"\nenvironment = "{environment}"\n'
            f'since = "2024-03-01"\nuntil = "2031-{1 + number % 12:02}-{1 + number % 28:02}"\nkey = "old-key-number-{number:08}"\n\n')


def unlocked(seat, count):
    """From the lock screen to the list of all keys: how long each step takes, and what it leaves in memory."""
    app, pid = seat.start()
    try:
        taken(app, pid, seat.control)
        began = time.monotonic()
        app.press("unlock")
        app.window("desk")
        app.until(lambda: app.find("//main//h1", "", 0) and not app.find("//*[@aria-busy='true']", "", 0), "the desk is open", 600)
        opened, open_size = time.monotonic() - began, settled(pid)
        began = time.monotonic()
        app.go("keys")
        rows = "return document.querySelector('main table[aria-rowcount]')?.getAttribute('aria-rowcount')"
        app.until(lambda: app.script(rows) == str(count + 1), f"{count} keys are listed", 600)
        listed = time.monotonic() - began
        return opened, open_size, listed, settled(pid)
    finally:
        app.end()


def table(head, lines):
    print("\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for line in lines:
        print("| " + " | ".join(line) + " |")
    sys.stdout.flush()


def profile(cast):
    """How the window of the first person is started."""
    return ["--profile", cast.path("alice"), "--unlock", f"file:{cast.path('alice')}.unlock"]


def measure(options, empty, few, many):
    casts = {name: Cast(desktop, options.command) for name, desktop in ((FEW, few), (MANY, many))}
    for cast in casts.values():
        prelude.organisation(cast)
    took = import_keys(casts[MANY], options.keys)
    print(f"\nImporting {options.keys} keys from files of {IN_ONE_FILE}: {took:.0f} s.")
    seats = {EMPTY: Seat(empty, "empty", [], "#field")}
    seats |= {name: Seat(cast.desktop, "alice", profile(cast), "main button.primary") for name, cast in casts.items()}
    found = rounds(seats, options.rounds)
    start, size = found[EMPTY]
    table(
        [f"lower quartile of {options.rounds} rounds in turn", "start, ms", "ratio", "memory, MiB", "ratio"],
        [[name, f"{a:.0f}", f"{a / start:.2f}", f"{b / MIB:.0f}", f"{b / size:.2f}"] for name, (a, b) in found.items()],
    )
    after = []
    for name, count in ((FEW, 0), (MANY, options.keys)):
        opened, open_size, listed, listed_size = unlocked(seats[name], count)
        after.append([f"{count} keys, desk open", f"{opened:.1f}", f"{open_size / MIB:.0f}", f"{open_size / size:.2f}"])
        after.append([f"{count} keys, all listed", f"{listed:.1f}", f"{listed_size / MIB:.0f}", f"{listed_size / size:.2f}"])
    table(["unlocked", "seconds", "memory, MiB", "ratio to the empty window"], after)


def main():
    parser = argparse.ArgumentParser(description="Start and memory, beside an empty window.")
    parser.add_argument("--desktop", required=True, help="the program with the windows, as it ships")
    parser.add_argument("--empty", required=True, help="the program with an empty window")
    parser.add_argument("--command", required=True, help="the command line, which prepares profiles")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--keys", type=int, default=100_000, help="how many keys the large ledger holds")
    options = parser.parse_args()
    # Whoever is told to end ends what it started first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    missing = missing_tools()
    if missing:
        print(f"no window can be shown here: {missing}")
        return 3
    desktops = [Desktop(program) for program in (options.empty, options.desktop, options.desktop)]
    try:
        measure(options, *desktops)
        return 0
    except Unexpected as unexpected:
        print(f"speed: {unexpected}")
        return 1
    finally:
        for desktop in desktops:
            desktop.end()
            shutil.rmtree(desktop.folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
