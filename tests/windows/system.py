"""What the system says to the application, and the other way round: over a bus of the journey's own, which is both the
session's and the system's; and how pages are locked up."""

import os
import select
import shutil
import subprocess
import time

import memory
import prelude
from stage import Cast, PATIENCE
from webdriver import Unexpected, stop

SLEEP = ("/org/freedesktop/login1", "org.freedesktop.login1.Manager.PrepareForSleep")


class Bus:
    """A message bus, and somebody who listens to what is to be shown on the screen."""

    def __init__(self, desktop):
        self.daemon = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address"], stdout=subprocess.PIPE, stderr=desktop.log, text=True,
        )
        self.address = self.daemon.stdout.readline().strip()
        self.listener = subprocess.Popen(
            ["dbus-monitor", "--address", self.address, "interface='org.freedesktop.Notifications'"],
            stdout=subprocess.PIPE, stderr=desktop.log,
        )
        self.heard = b""

    def tells(self, sentence):
        """Waits for a notice."""
        deadline = time.monotonic() + PATIENCE
        while sentence.encode() not in self.heard:
            if not select.select([self.listener.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
                raise Unexpected(f"no notice says “{sentence}”, but: {self.heard.decode(errors='replace')}")
            self.heard += os.read(self.listener.stdout.fileno(), 65536)

    def sleep(self, going):
        """Says that the machine goes to sleep, or is awake again."""
        path, member = SLEEP
        words = ["dbus-send", f"--bus={self.address}", "--type=signal", path, member, f"boolean:{str(going).lower()}"]
        subprocess.run(words, check=True, timeout=20)

    def end(self):
        stop(self.listener)
        stop(self.daemon)


def locked_up(app):
    """Every page runs apart from the core: it sees other processes, other mounts, and no file of a profile."""
    core = app.driver.pid
    # Only root makes namespaces without one for users.
    apart = ("mnt", "pid", "user") if os.getuid() else ("mnt", "pid")
    pages = [pid for pid, name in memory.web_processes(core).items() if name.startswith("WebKitWeb")]
    if not pages:
        raise Unexpected("there are no pages")
    for pid in pages:
        shared = [kind for kind in apart if os.readlink(f"/proc/{pid}/ns/{kind}") == os.readlink(f"/proc/{core}/ns/{kind}")]
        if shared:
            raise Unexpected(f"page {pid} shares with the core: {shared}")
        seen = os.path.exists(f"/proc/{pid}/root{app.desktop.folder}/alice.unlock")
        if seen:
            raise Unexpected(f"page {pid} sees the key file of a profile")
    return len(pages)


def size(app):
    """How large the window is, as its page sees it."""
    return tuple(app.script("return [window.innerWidth, window.innerHeight]"))


def system(desktop, program):
    cast = Cast(desktop, program)
    prelude.organisation(cast)
    bus = Bus(desktop)
    try:
        desktop.bus = bus.address
        ben = cast.sit_down("ben", "desk")
        ben.shows("place-requests")
        if shutil.which("bwrap") and shutil.which("xdg-dbus-proxy"):
            print(f"system: {locked_up(ben)} pages, each locked up", flush=True)
        # Ben looks at another program.
        cast.open("noor", beside="ben").window("start")
        ben.until(lambda: not ben.script("return document.hasFocus()"), "another window than Ben's is looked at")
        cast.command("alice", "card", "propose")
        bus.tells("Something new waits for you.")
        if b"Larkfield" in bus.heard or b"Alice" in bus.heard:
            raise Unexpected(f"a notice says too much: {bus.heard}")
        bus.sleep(True)
        ben.window("start")
        ben.shows("start-locked")
        ben.until(lambda: ben.windows() == ["start"], "before the machine sleeps, the profile is locked")
        bus.sleep(False)
        ben.press("unlock")
        ben.window("desk")
        # A desk that was locked opens again where it was, and as large, in this run of the program and in the next.
        ben.resize(1010, 650)
        ben.until(lambda: size(ben) == (1010, 650), "the desk is as large as it was made")
        for again in (False, True):
            ben.press("lock")
            ben.window("start")
            ben.until(lambda: ben.windows() == ["start"], "the desk is closed")
            if again:
                ben.end()
                ben = cast.open("ben")
            ben.window("start")
            ben.press("unlock")
            ben.window("desk")
            ben.until(lambda: size(ben) == (1010, 650), "the desk is as large as it was")
        print("system: a notice was given that names nobody; locked before sleep; unlocked after it", flush=True)
    finally:
        bus.end()
