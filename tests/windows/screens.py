#!/usr/bin/env python3
"""Pictures of every screen, from the real window: `screens.py --desktop PROGRAM --command PROGRAM [DIR]`, which `make
screens` calls.

A newcomer's walk through the sample, and another through what the sample has not, in both languages, light and dark, and
three sizes. What is pictured is what the program shows; nothing is laid out for the picture.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import daily
import prelude
import relay
from stage import DIALOG, PASSPHRASE, Cast, check
from webdriver import Desktop, Unexpected, missing_tools, quoted

ROUNDS = (
    ("en", "light", 1280, 800),
    ("de", "dark", 1000, 700),
    ("en", "dark", 1920, 1080),
    ("de", "light", 1920, 1080),
)
ROOT = pathlib.Path(__file__).resolve().parents[2]


class Pictures:
    """Screens of one size, in one language and light, and what stands on them."""

    def __init__(self, program, target, language, light, width, height):
        folder = tempfile.mkdtemp(prefix="countersign-screens-")
        self.desktop = Desktop(program, folder, (width, height))
        self.target = target / f"{language}-{light}-{width}x{height}"
        self.target.mkdir(parents=True, exist_ok=True)
        self.language, self.light, self.size = language, light, (width, height)

    def settle(self, person):
        """This person has chosen how windows look, before the first one opens."""
        home = self.desktop.folder / f"home-{person}"
        settings = home / ".local/share/countersign"
        settings.mkdir(parents=True)
        home.chmod(0o700)
        chosen = {"theme": self.light, "language": self.language, "zoom": 100, "idle_minutes": 30}
        (settings / "settings.json").write_text(json.dumps(chosen), encoding="ascii")

    def take(self, app, name):
        """The window as it stands, at its size or as the program opened it."""
        app.settle()
        subprocess.run(
            ["scrot", "--overwrite", str(self.target / f"{name}.png")],
            env={"DISPLAY": app.environment["DISPLAY"], "PATH": "/usr/bin:/bin"}, timeout=20, check=True,
        )

    def look(self, app, label, whole=True):
        """Goes on in a window: the large ones fill the screen, as people have them."""
        app.window(label)
        if whole:
            app.resize(*self.size)


class Walk(Pictures):
    """A newcomer's walk through the sample."""

    def __init__(self, *round_):
        super().__init__(*round_)
        self.settle("newcomer")
        self.app = self.desktop.start("newcomer", language=self.language)

    def picture(self, name):
        self.take(self.app, name)

    def window(self, label, whole=True):
        self.look(self.app, label, whole)

    def be(self, person, label):
        words = f"Be {person}" if self.app.language == "en" else f"{person} sein"
        self.app.click(f"//aside//button[starts-with(normalize-space(.), '{words}')]", f"the chair of {person}")
        self.app.window(label)
        self.app.until(lambda: f"{self.app.says('sample-you')} {person}" in self.app.page(), f"{person} sits here")
        self.app.resize(*self.size)

    def go(self, place):
        self.app.go(place)
        self.picture(place)

    def everything(self):
        app = self.app
        self.window("start", whole=False)
        self.picture("start")
        app.press_choice("start-try")
        self.window("desk")
        app.shows("sample-mark")
        self.picture("requests")
        app.click("//summary", "the guide")
        self.picture("guide")
        digits = app.read("//aside//dl/dd[last()]", "the partner's fingerprint")
        app.click("//summary", "the guide")
        for place in ("keys", "partners", "ledger", "team", "catalogue", "issuers", "policy", "settings"):
            self.go(place)
        app.keys("k", held="\ue009")
        self.picture("commands")
        app.keys("\ue00c")
        self.exchange(digits)

    def exchange(self, digits):
        app = self.app
        app.go("requests")
        app.click("//main//button[.//strong[contains(., 'Oakbridge Analytics')]]", "the request")
        app.shows("identity-check")
        self.picture("request")
        check(app, digits)
        self.picture("request-checked")
        app.press("vet")
        self.window("confirm", whole=False)
        app.shows("confirm-vet")
        self.picture("confirm")
        app.press("confirm-vet-yes")
        app.until(lambda: "confirm" not in app.windows(), "the confirm window closes")
        app.window("desk")
        self.be("Ben Okafor", "desk")
        app.click("//main//button[.//strong[contains(., 'Oakbridge Analytics')]]", "the request")
        app.press("countersign")
        self.window("confirm", whole=False)
        app.press("confirm-countersign-yes")
        app.until(lambda: "confirm" not in app.windows(), "the confirm window closes")
        app.window("desk")
        app.shows("state-countersigned")
        self.picture("countersigned")
        app.press("issue")
        app.press("hand-over")
        app.press("hand-over-do", within=DIALOG)
        app.shows("secret-apart")
        self.picture("handed-over")
        secret = app.read("//*[contains(@class,'secret')]", "the secret")
        app.press("close", within=DIALOG)
        self.partner(secret)

    def partner(self, secret):
        app = self.app
        self.be("Noor Haddad", "inbox")
        self.picture("inbox")
        app.press("key.countersign")
        app.fill("secret-in", secret)
        app.press("inspect-do")
        app.shows("open-envelope")
        self.picture("envelope")
        for place in ("asks", "organisations", "identity"):
            app.go(place)
            self.picture(f"inbox-{place}")
        app.go("asks")
        app.press("ask-new")
        self.picture("inbox-form")
        app.go("inbox")
        app.press("reveal")
        self.window("reveal", whole=False)
        app.shows("never-send-on")
        self.picture("reveal")


class Real(Pictures):
    """What the sample has not: the first run, an organisation that begins, a relay, and a key that leaked."""

    def __init__(self, program, command, *round_):
        super().__init__(program, *round_)
        for person in ("alice", "ben", "noor", "dora"):
            self.settle(person)
        self.cast = Cast(self.desktop, command, self.language)

    def everything(self):
        self.begin()
        cast = self.cast
        prelude.organisation(cast)
        key = daily.held_by_noor(cast)
        origin = relay.free_port()
        cast.command("ben", "card", "propose", "--relay", f"http://127.0.0.1:{origin}")
        cast.typed("alice", ["yes"], "change", "confirm")
        cast.command("alice", "card", "export", "--out", "relay.card")
        prelude.countersigned(cast, "second", company="Birchwood Freight")
        with relay.Running(cast, origin, "relay.card"):
            self.by_relay()
            self.leaked(key)

    def begin(self):
        """Nobody is here yet."""
        app = self.desktop.start("dora", language=self.language)
        self.look(app, "start", whole=False)
        app.press_choice("start-desk")
        app.fill("start-name", "Dora Winter")
        self.take(app, "start-name")
        app.press("go-on")
        self.look(app, "vault", whole=False)
        app.shows("vault-make-help")
        self.take(app, "vault-make")
        for field in ("passphrase-new", "passphrase-again"):
            app.fill(field, PASSPHRASE)
        app.press("go-on")
        app.shows("vault-recovery-help")
        self.take(app, "vault-recovery")
        app.fill("recovery-typed", app.read("//*[contains(@class,'code')]", "a recovery code"))
        app.press("go-on")
        self.look(app, "desk")
        for way in ("begin", "answer", "complete", "attach", "card"):
            app.click(f"//*[@role='tab'][normalize-space(.)={quoted(app.says(f'founding-{way}'))}]", way)
            self.take(app, f"founding-{way}")
        app.end()

    def by_relay(self):
        """The relay's area, an invitation, and a link that goes from the desk to the inbox."""
        cast, app = self.cast, self.cast.sit_down("alice", "desk")
        self.alice = app
        app.resize(*self.size)
        app.go("team")
        app.shows("relay-there")
        self.take(app, "relay")
        app.go("partners")
        app.press("invite")
        app.fill("invitation-out", cast.path("larkfield.invitation"), within=DIALOG)
        self.take(app, "invitation")
        app.press("invitation-write", within=DIALOG)
        app.until(lambda: (cast.folder / "larkfield.invitation").is_file(), "the invitation is written")
        cast.command("noor", "card", "pin", "larkfield.invitation", "--source", "the contract of last year")
        app.go("requests")
        app.click("//main//button[.//strong[contains(., 'Birchwood Freight')]]", "the request")
        app.press("issue")
        app.press("hand-over")
        app.shows("link-copy")
        self.take(app, "hand-over-link")
        app.press("link-copy", within=DIALOG)
        app.shows("link-after")
        self.take(app, "link-sent")
        app.press("close", within=DIALOG)
        app.shows("delivery-uploaded")
        self.take(app, "uploaded")
        # On Alice's screen, so that they have one clipboard.
        noor = cast.sit_down("noor", "inbox", beside="alice")
        noor.resize(*self.size)
        noor.go("organisations")
        self.take(noor, "inbox-relay")
        noor.go("inbox")
        noor.press("link-clipboard")
        noor.shows("open-envelope")
        self.take(noor, "link-followed")
        noor.press("open-envelope")
        noor.until(lambda: noor.says("opened-receipt-sent") in noor.announced(), "the receipt is on its way")
        self.take(noor, "opened")
        noor.end()

    def leaked(self, key):
        """A key stands in a log."""
        cast, app = self.cast, self.alice
        (cast.folder / "build.log").write_text(f"step 3\nenv SHIPMENTS_API_KEY={key} ./start\ndone\n", encoding="ascii")
        app.go("keys")
        app.press("leak")
        app.fill("leak-file", cast.path("build.log"), within=DIALOG)
        app.press("leak-look", within=DIALOG)
        app.find(f"{DIALOG}//*[contains(., 'Oakbridge Analytics')]", "the holder")
        self.take(app, "leak")
        app.press("revoke", within=DIALOG)
        order = f"{DIALOG}//form//button[@type='submit' and contains(@class,'danger')]"
        app.find(order, "the order")
        self.take(app, "revoke")
        app.click(order, "the order")
        self.look(app, "confirm", whole=False)
        app.shows("confirm-stop-help")
        self.take(app, "confirm-stop")
        app.press("confirm-stop-yes")
        app.shows("outcomes")
        self.take(app, "outcomes")
        app.press("close")
        app.until(lambda: "confirm" not in app.windows(), "the confirm window closes")
        self.look(app, "desk")
        self.take(app, "revoked")


def main():
    parser = argparse.ArgumentParser(description="Pictures of every screen, from the real window.")
    parser.add_argument("--desktop", required=True, help="the program with the windows")
    parser.add_argument("--command", required=True, help="the command line, which prepares what is real, and beside it the relay")
    parser.add_argument("--part", choices=["sample", "real"], help="only one of the two walks; default: both")
    parser.add_argument("target", nargs="?", type=pathlib.Path, default=ROOT / "docs/screens")
    parser.add_argument("--rounds", type=int, default=len(ROUNDS), help="how many of the rounds; default: all")
    parser.add_argument("--first", type=int, default=0, help="which round to begin with")
    options = parser.parse_args()
    missing = missing_tools()
    if missing:
        print(f"no window can be shown here: {missing}")
        return 3
    walks = {
        "sample": lambda each: Walk(options.desktop, options.target, *each),
        "real": lambda each: Real(options.desktop, options.command, options.target, *each),
    }
    for each in ROUNDS[options.first:options.first + options.rounds]:
        for part in [options.part] if options.part else walks:
            walk = walks[part](each)
            try:
                walk.everything()
                print(f"screens {part}: now {len(list(walk.target.glob('*.png')))} in {walk.target}", flush=True)
            except Unexpected as unexpected:
                print(f"screens {part} {each}: {unexpected}", flush=True)
                return 1
            finally:
                walk.desktop.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
