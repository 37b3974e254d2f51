"""What every day brings: the palette, larger letters, a file that is dropped, another key of a grant, one that was never
finished; and at the partner's a key that is lent to the clipboard, told to nobody who keeps copies, and taken back."""

import json
import os
import pathlib
import subprocess
import sys
import time

import prelude
from hands import CONTROL, ENTER, ESCAPE, Hands
from stage import DIALOG, Cast, alarmed
from webdriver import Unexpected, stop

BESIDE = pathlib.Path(__file__).resolve().parent / "beside.py"
# For so many seconds a key is lent to the clipboard.
LENT = 30


def expect(true, what):
    if not true:
        raise Unexpected(what)


def beside(app, *words):
    """Another program of this person, on the same screen. Returns what it says."""
    run = subprocess.run(
        [sys.executable, "-B", BESIDE, *map(str, words)], env={**os.environ, **app.environment}, capture_output=True, text=True, timeout=60, check=False,
    )
    expect(run.returncode == 0, f"another program could not {words[0]}: {run.stdout}{run.stderr}")
    return run.stdout.strip()


def clipboard(app):
    return json.loads(beside(app, "clipboard"))


class Copied:
    """Something else that this person copied meanwhile, for as long as that program runs."""

    def __init__(self, app, text):
        self.process = subprocess.Popen(
            [sys.executable, "-B", BESIDE, "copy", text], env={**os.environ, **app.environment}, stdout=subprocess.PIPE, text=True,
        )
        expect(self.process.stdout.readline().strip() == "copied", "another program could not copy")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.process)


def palette(alice):
    """By name to a place; a name that nothing has leads nowhere; Escape leaves everything as it was."""
    hands = Hands(alice)
    hands.command(alice.says("place-keys"))
    alice.until(lambda: alice.script("return document.querySelector('nav [aria-current=page]').textContent").strip().startswith(alice.says("place-keys")), "the palette goes to the keys")
    hands.press("k", CONTROL)
    hands.on("palette")
    hands.press("nothing is called so")
    alice.shows("palette-none")
    hands.press(ENTER)
    hands.press("k", CONTROL)
    hands.on("palette")
    hands.press(ESCAPE)
    alice.until(lambda: alice.find("//dialog[@open]", "", 0) is None, "Escape closes the palette")
    hands.where()


def letters(alice, settings):
    """Ctrl and +, - and 0, in this window and in the next one that opens."""
    size = lambda: alice.script("return parseFloat(getComputedStyle(document.querySelector('main')).fontSize)")
    usual = size()
    for key, wanted in (("+", 1.1), ("+", 1.25), ("-", 1.1), ("0", 1)):
        alice.keys(key, CONTROL)
        alice.until(lambda: abs(size() / usual - wanted) < 0.02, f"Ctrl {key} makes letters {wanted} times as large")
    alice.keys("+", CONTROL)
    alice.until(lambda: settings.is_file() and json.loads(settings.read_text(encoding="utf-8"))["zoom"] == 110, "the zoom is kept")
    alice.keys("0", CONTROL)


def dropped(cast, alice):
    """A letter is dragged from another program onto the desk, and a file that is no letter."""
    prelude.sent(cast, "dropped", company="Dropped Parcels")
    alice.go("requests")
    x, y = alice.script("return [Math.round(innerWidth / 2), Math.round(innerHeight / 2)]")
    expect(beside(alice, "drag", x, y, cast.path("dropped.letter")) == "dropped", "the desk took no file")
    alice.shows("Dropped Parcels")
    (cast.folder / "holiday.txt").write_text("no letter at all", encoding="ascii")
    expect(beside(alice, "drag", x, y, cast.path("holiday.txt")) == "dropped", "the desk took no file")
    alice.until(lambda: alarmed(alice), "what is no letter is refused, and the desk says so")
    alice.picture("dropped")


def never_finished(cast, alice, request):
    """The issuer fails while a key is made: it stays behind, half made, and is abandoned."""
    hashes = cast.folder / "gateway" / "keys.hashes"
    hashes.rename(hashes.with_suffix(".away"))
    hashes.mkdir()
    alice.go("requests")
    alice.click(f"//*[@id='request-{request}']", "the request")
    alice.press("issue")
    alice.until(lambda: "intended" in [each["state"] for each in cast.ask("alice", "key", "list")], "the intent is on record")
    # The issuer is asked right after that; what stands in its way stays until then, however slow the machine is.
    time.sleep(3)
    alice.until(lambda: alarmed(alice), "the desk says what went wrong")
    hashes.rmdir()
    hashes.with_suffix(".away").rename(hashes)
    choose_key(alice, "key-intended")
    alice.press("abandon")
    alice.press("abandon-do", within=DIALOG)
    alice.until(lambda: "abandoned" in [each["state"] for each in cast.ask("alice", "key", "list")], "the key is abandoned")
    alice.picture("abandoned")


def choose_key(alice, state):
    alice.go("keys")
    alice.click(f"//main//tbody/tr[@aria-rowindex][contains(., '{alice.says(state)}')]/td[1]", f"a key that is {state}")


def rotated(cast, alice):
    """Another key of the same grant, made and handed over by its request."""
    choose_key(alice, "key-active")
    alice.press("rotate")
    alice.press("rotate-do", within=DIALOG)
    alice.until(lambda: alice.find("//*[@role='status'][contains(., 'is made and sealed')]", "", 0), "the desk says that it is made")
    states = sorted(each["state"] for each in cast.ask("alice", "key", "list") if each["state"] != "abandoned")
    expect(states == ["active", "sealed"], f"the keys of the grant are {states}")
    alice.go("requests")
    alice.press("show-closed")
    alice.click("//*[@role='option'][contains(., 'Oakbridge Analytics')]", "the request")
    alice.press("hand-over")
    alice.fill("envelope-out", cast.path("second.countersign"), within=DIALOG)
    alice.press("hand-over-do", within=DIALOG)
    alice.shows("secret-apart")
    alice.press("close", within=DIALOG)
    alice.picture("rotated")


def lent(noor, key):
    """Copies the key. Other programs see it, and that no copy is to be kept. Returns when it has to be gone."""
    noor.press("copy")
    end = time.monotonic() + LENT
    noor.until(lambda: clipboard(noor)["text"] == key, "the clipboard holds the key", 10)
    noor.shows("copied")
    held = clipboard(noor)
    expect(held["hint"] == "secret", f"nothing tells clipboard managers to keep no copy: {held['targets']}")
    expect(key not in noor.page(), "copying showed the key")
    return end


def wait_until(end):
    time.sleep(max(0, end - time.monotonic()))


def daily(desktop, program):
    cast = Cast(desktop, program)
    prelude.organisation(cast)
    key = held_by_noor(cast)
    second = prelude.countersigned(cast, "never", company="Birchwood Freight")
    alice, noor = cast.sit_down("alice", "desk"), cast.sit_down("noor", "inbox")

    end = lent(noor, key)
    palette(alice)
    letters(alice, desktop.folder / "home-alice/.local/share/countersign/settings.json")
    rotated(cast, alice)
    never_finished(cast, alice, second)
    wait_until(end)
    noor.until(lambda: clipboard(noor)["text"] is None, "the key is gone from the clipboard", 5)

    end = lent(noor, key)
    with Copied(noor, "something that was copied meanwhile"):
        dropped(cast, alice)
        wait_until(end + 2)
        expect(clipboard(noor)["text"] == "something that was copied meanwhile", "what somebody copied meanwhile was taken away")
    print("daily: palette, zoom, two drops, a rotation, an abandoned key; the clipboard had a key twice, for 30 s each, with its hint", flush=True)


def held_by_noor(cast):
    """A key that works, by the command line. Returns it."""
    request = prelude.countersigned(cast, "first")
    issued = cast.ask("alice", "key", "issue", request)["key"]
    cast.command("alice", "envelope", "deliver", issued, "--out", "first.countersign", "--secret-out", "first.secret")
    cast.command("noor", "envelope", "open", "first.countersign", "--secret-file", "first.secret", "--compose", "first.key", "--receipt-out", "first.receipt")
    cast.command("alice", "request", "import", "first.receipt")
    return (cast.folder / "first.key").read_text(encoding="ascii").strip()
