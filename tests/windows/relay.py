"""A key travels by a link: two desks and a partner's inbox over a real relay on loopback, and nobody carries a file. The
link is followed once by paste and once as `countersign://`, and no page ever has it."""

import re
import socket
import subprocess
import time

from journeys import expect
from opening import again
from stage import ANSWERS, DIALOG, DIGITS, FORM, PATIENCE, Cast, check, choose_request, confirm, fill_request, found, pin, set_up
from webdriver import Unexpected

LINK = re.compile(r"countersign://e/\S+")


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Running:
    """The relay's process, as long as a journey needs it."""

    def __init__(self, cast, port, card):
        self.log = cast.folder / "relay.log"
        words = ["--data", cast.path("relay"), "--organisation", cast.path(card), "--listen", f"127.0.0.1:{port}"]
        with open(self.log, "wb") as said:
            self.process = subprocess.Popen(
                [cast.program.with_name("countersign-relay"), *words], cwd=cast.folder, env=cast.environment,
                stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            )

    def __enter__(self):
        deadline = time.monotonic() + PATIENCE
        while '"what":"clients"' not in self.log.read_text(encoding="utf-8"):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Unexpected(f"the relay does not listen:\n{self.log.read_text(encoding='utf-8')}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE)


def state_of(cast, key):
    return next(each["state"] for each in cast.ask("alice", "key", "list") if each["id"] == key)


def signed(cast, alice, ben, noor):
    """Noor asks through the relay; Alice sees it without doing anything; both sign."""
    noor.go("asks")
    noor.press("ask-new")
    fill_request(noor, FORM, ANSWERS)
    noor.shows("ask-by-relay")
    noor.press("ask-send")
    noor.shows("ask-left")
    choose_request(alice)
    noor.go("identity")
    check(alice, noor.read(DIGITS, "a fingerprint"))
    alice.press("vet")
    confirm(alice, "vet")
    choose_request(ben)
    ben.press("countersign")
    confirm(ben, "countersign")
    alice.shows("state-countersigned")


def by_paste(alice, noor):
    """The message goes from the desk's clipboard into the inbox, and no page shows its link."""
    alice.press("issue")
    alice.press("hand-over")
    alice.press("link-copy", within=DIALOG)
    alice.shows("link-after")
    expect("countersign://e/" not in alice.page(), "the desk's page has the link")
    alice.picture("link-sent")
    alice.press("close", within=DIALOG)
    alice.shows("delivery-uploaded")
    noor.go("inbox")
    noor.press("link-clipboard")
    noor.shows("Larkfield Logistics gives you a key for shipments")
    expect("countersign://e/" not in noor.page(), "the inbox's page has the link")
    noor.picture("link-followed")
    noor.press("open-envelope")
    noor.until(lambda: noor.says("opened-receipt-sent") in noor.announced(), "the receipt is on its way")


def by_address(cast, noor, key):
    """Another key of the same grant; its link is opened as a browser opens it."""
    second = cast.ask("alice", "key", "rotate", key)["key"]
    cast.command("alice", "key", "deliver", second, "--link-out", "message.txt")
    link = LINK.search((cast.folder / "message.txt").read_text(encoding="utf-8")).group()
    again(noor, "--profile", cast.path("noor"), link)
    noor.press("link-fetch")
    noor.shows("Larkfield Logistics gives you a key for shipments")
    expect(link.split("#")[1] not in noor.page(), "the inbox's page has the secret of the link")
    noor.press("open-envelope")
    noor.until(lambda: noor.says("opened-receipt-sent") in noor.announced(), "the receipt is on its way")
    noor.until(lambda: state_of(cast, second) == "active", "the second key is active")


def relay(desktop, program):
    cast = Cast(desktop, program)
    for person, kind, name in (("alice", "desk", "Alice Lindqvist"), ("ben", "desk", "Ben Okafor"), ("noor", "inbox", "Noor Haddad")):
        cast.make(person, kind, name)
    alice, ben = cast.sit_down("alice", "desk"), cast.sit_down("ben", "desk")
    found(cast, alice, ben)
    port = free_port()
    set_up(cast, alice, ben, relay=f"http://127.0.0.1:{port}")
    cast.command("alice", "card", "export", "--out", "relay.card")
    with Running(cast, port, "relay.card"):
        # On Alice's screen, so that they have one clipboard.
        noor = cast.sit_down("noor", "inbox", beside="alice")
        alice.go("team")
        alice.shows(f"127.0.0.1:{port}")
        pin(cast, noor, alice.read(DIGITS, "the organisation's fingerprint"))
        signed(cast, alice, ben, noor)
        by_paste(alice, noor)
        alice.until(lambda: all(each["state"] == "active" for each in cast.ask("alice", "key", "list")), "the key is active")
        alice.shows("delivery-active")
        alice.picture("active")
        by_address(cast, noor, cast.ask("alice", "key", "list")[0]["id"])
    print("relay: one link by paste, one as an address; nobody carried a file", flush=True)
