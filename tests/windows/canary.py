"""No key and no leaked text in a desk page's process: after exchanges of every kind, its memory and files are searched.

`COUNTERSIGN_CANARIES` says how many exchanges of each kind and how many leaks; with `COUNTERSIGN_SOAK` there are 50.
"""

import os
import secrets

import memory
import prelude
from hands import CONTROL
from stage import DIALOG, Cast, import_letter
from webdriver import Unexpected

SOME, MANY = 2, 50
# So many letters of a key in a row are as good as the key; its beginning says only who made it.
PART = 16
BILLING = {"service": "billing", "environment": "sandbox", "scopes": "invoices:read"}


def expect(true, what):
    if not true:
        raise Unexpected(what)


def parts(key):
    """The pieces of a key that are looked for, in every form."""
    return {form for piece in (key[-PART:], key[-2 * PART:-PART]) for form in memory.forms(piece)}


class Clipboard:
    """Another program of the same person: whatever is copied there is in the clipboard of the display."""

    def __init__(self, app):
        self.app = app

    def copy(self, text):
        self.app.fill("secret-in", text)
        self.app.keys("a", CONTROL)
        self.app.keys("c", CONTROL)


def made_by_hand():
    return "canary" + secrets.token_hex(24)


def choose(alice, request):
    alice.go("requests")
    alice.click(f"//*[@id='request-{request}']", "the request")
    alice.shows("identity-check")


def deliver(cast, alice, name):
    """Hands over in the window; the partner opens at home. Returns the key."""
    alice.press("hand-over")
    alice.fill("envelope-out", cast.path(f"{name}.countersign"), within=DIALOG)
    alice.press("hand-over-do", within=DIALOG)
    alice.shows("secret-apart")
    (cast.folder / f"{name}.secret").write_text(alice.read("//*[contains(@class,'secret')]", "the secret"), encoding="ascii")
    alice.press("close", within=DIALOG)
    cast.command("noor", "envelope", "open", f"{name}.countersign", "--secret-file", f"{name}.secret",
                 "--compose", f"{name}.key", "--receipt-out", f"{name}.receipt")
    import_letter(cast, alice, f"{name}.receipt", "receipt")
    return (cast.folder / f"{name}.key").read_text(encoding="ascii").strip()


def exchange(cast, alice, clipboard, way, number):
    """One key, made in one of three ways, on its way to the partner. Returns it."""
    name = f"{way}-{number}"
    request = prelude.countersigned(cast, name, **({} if way == "minted" else BILLING))
    choose(alice, request)
    alice.press("issue")
    if way != "minted":
        key = made_by_hand()
        alice.shows("paste-help")
        if way == "pasted":
            clipboard.copy(key)
            alice.press("paste-clipboard", within=DIALOG)
        else:
            (cast.folder / f"{name}.made").write_text(key + "\n", encoding="ascii")
            alice.fill("paste-file", cast.path(f"{name}.made"), within=DIALOG)
            alice.press("paste-file-do", within=DIALOG)
    delivered = deliver(cast, alice, name)
    expect(way == "minted" or delivered == key, f"the partner has another key than was made by hand ({way})")
    return delivered


def look_up(cast, alice, clipboard, way, number, key):
    """A text with a leaked key, looked through in the window: pasted, or from a file."""
    text = f"step {number}: env API_KEY={key} ./start"
    alice.go("keys")
    alice.press("leak")
    if way == "pasted":
        clipboard.copy(text)
        alice.press("leak-clipboard", within=DIALOG)
    else:
        (cast.folder / f"leak-{number}.log").write_text(text, encoding="ascii")
        alice.fill("leak-file", cast.path(f"leak-{number}.log"), within=DIALOG)
        alice.press("leak-look", within=DIALOG)
    alice.shows("Line 1")
    alice.press("close", within=DIALOG)


def canary(desktop, program):
    count = int(os.environ.get("COUNTERSIGN_CANARIES", MANY if "COUNTERSIGN_SOAK" in os.environ else SOME))
    cast = Cast(desktop, program)
    prelude.organisation(cast)
    alice = cast.sit_down("alice", "desk")
    # On Alice's screen, so that they have one clipboard.
    noor = cast.sit_down("noor", "inbox", beside="alice")
    clipboard = Clipboard(noor)
    ways = ("pasted", "file", "minted")
    keys = [exchange(cast, alice, clipboard, way, number) for number in range(count) for way in ways]
    leaks = ("pasted", "file")
    for number in range(count):
        for way in leaks:
            look_up(cast, alice, clipboard, way, number, keys[number])
    alice.go("requests")

    # That the search finds what is there: a text that the page shows, and a file below its home.
    planted = "planted" + secrets.token_hex(12)
    alice.fill("search", planted)
    home = desktop.folder / "home-alice"
    (home / "planted").write_text(planted, encoding="ascii")
    control = memory.forms(planted)
    wanted = set().union(*(parts(key) for key in keys))
    processes = memory.web_processes(alice.driver.pid)
    expect(any(name.startswith("WebKitWeb") for name in processes.values()), f"there is no web process: {processes}")
    seen, hits, looked = set(), set(), 0
    for pid in processes:
        found, size = memory.scan_memory(pid, wanted | control)
        seen |= found & control
        hits |= found & wanted
        looked += size
    stored, files = memory.scan_files((home, cast.path("alice"), cast.path("gateway")), wanted | control)
    expect(seen, f"the search of {looked} bytes does not even find what the page shows")
    expect(control & stored.keys(), f"the search of {files} files does not even find what was put there")
    hits |= wanted & stored.keys()
    print(f"canary: {len(keys)} exchanges ({count} each: {', '.join(ways)}), {count} leaks each: {', '.join(leaks)}; {len(processes)} web processes, "
          f"{looked >> 20} MiB, {files} files searched: {len(hits)} hits", flush=True)
    expect(not hits, f"keys in a desk page's process or files: {hits}")
