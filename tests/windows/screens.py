#!/usr/bin/env python3
"""Pictures of every screen, from the real window: `screens.py --desktop PROGRAM [DIR]`, which `make screens` calls.

A newcomer's walk through the sample, in both languages, light and dark, and three sizes. What is pictured is what the
program shows; nothing is laid out for the picture.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from stage import DIALOG, check
from webdriver import Desktop, Unexpected, missing_tools

ROUNDS = (
    ("en", "light", 1280, 800),
    ("de", "dark", 1000, 700),
    ("en", "dark", 1920, 1080),
)
ROOT = pathlib.Path(__file__).resolve().parents[2]


class Walk:
    """One walk, in one language, light and size."""

    def __init__(self, program, target, language, light, width, height):
        folder = tempfile.mkdtemp(prefix="countersign-screens-")
        self.desktop = Desktop(program, folder, (width, height))
        self.target = target / f"{language}-{light}-{width}x{height}"
        self.target.mkdir(parents=True, exist_ok=True)
        self.size = (width, height)
        home = pathlib.Path(folder) / "home-newcomer"
        settings = home / ".local/share/countersign"
        settings.mkdir(parents=True)
        home.chmod(0o700)
        chosen = {"theme": light, "language": language, "zoom": 100, "idle_minutes": 30}
        (settings / "settings.json").write_text(json.dumps(chosen), encoding="ascii")
        self.app = self.desktop.start("newcomer", language=language)

    def picture(self, name):
        """The window as it stands, at its size or as the program opened it."""
        self.app.settle()
        subprocess.run(
            ["scrot", "--overwrite", str(self.target / f"{name}.png")],
            env={"DISPLAY": self.desktop.screen("newcomer"), "PATH": "/usr/bin:/bin"}, timeout=20, check=True,
        )

    def window(self, label, whole=True):
        """Goes on in a window: the large ones fill the screen, as people have them."""
        self.app.window(label)
        if whole:
            self.app.resize(*self.size)

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


def main():
    parser = argparse.ArgumentParser(description="Pictures of every screen, from the real window.")
    parser.add_argument("--desktop", required=True, help="the program with the windows")
    parser.add_argument("target", nargs="?", type=pathlib.Path, default=ROOT / "docs/screens")
    parser.add_argument("--rounds", type=int, default=len(ROUNDS), help="how many of the rounds; default: all")
    parser.add_argument("--first", type=int, default=0, help="which round to begin with")
    options = parser.parse_args()
    missing = missing_tools()
    if missing:
        print(f"no window can be shown here: {missing}")
        return 3
    for each in ROUNDS[options.first:options.first + options.rounds]:
        walk = Walk(options.desktop, options.target, *each)
        try:
            walk.everything()
            print(f"screens: {len(list(walk.target.glob('*.png')))} in {walk.target}", flush=True)
        except Unexpected as unexpected:
            print(f"screens {each}: {unexpected}", flush=True)
            return 1
        finally:
            walk.desktop.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
