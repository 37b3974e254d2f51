"""What the system asks to be opened goes to the window that has the profile, or to the profile that can read it, and is
opened by nobody but a person. And: a window goes nowhere else, opens no others, and is as large as the screen at most."""

import subprocess

import prelude
from stage import Cast, PATIENCE
from webdriver import Unexpected

SECRET = "A" * 43
LINK = f"countersign://e/keys.example.com/{'A' * 22}#{SECRET}"


def again(app, *words):
    """Starts the program once more as this person, as a file manager or a browser does. It must end by itself."""
    run = subprocess.run(
        [app.desktop.program, *words], env=app.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )
    if run.returncode != 0:
        raise Unexpected(f"a second start with {words} ended with {run.returncode}: {run.stdout}{run.stderr}")


def at_home(cast, person, *profiles):
    """Profiles lie where the application looks for them."""
    home = cast.folder / f"home-{person}" / ".local/share/countersign"
    home.mkdir(parents=True, exist_ok=True)
    for each in profiles:
        (home / each).symlink_to(cast.path(each))


def fenced(app):
    """No page goes elsewhere, and none opens a window."""
    here = app.script("return location.href")
    for elsewhere in ("https://countersign.example/", "data:text/html,elsewhere", "about:blank"):
        app.script("location.href = arguments[0]", elsewhere)
        opened = app.script("return window.open(arguments[0]) !== null", elsewhere)
        if opened:
            raise Unexpected(f"a page opened a window with {elsewhere}")
    app.settle()
    if app.script("return location.href") != here or app.windows() != ["inbox"]:
        raise Unexpected(f"a page left {here}; there are the windows {app.windows()}")


def fits(app, label):
    """The window lies on the screen, all of it."""
    app.window(label)
    size = app.script("return [window.outerWidth, window.outerHeight]")
    if size[0] > app.desktop.size[0] or size[1] > app.desktop.size[1]:
        raise Unexpected(f"{label} is {size}, the screen {app.desktop.size}")


def opening(desktop, program):
    cast = Cast(desktop, program)
    prelude.organisation(cast)
    cast.make("other", "inbox", "Olga Brandt")
    request = prelude.countersigned(cast, "request")
    key = cast.ask("ben", "key", "issue", request)["key"]
    cast.command("ben", "envelope", "deliver", key, "--out", "key.countersign", "--secret-out", "key.secret")
    at_home(cast, "noor", "noor", "other")
    noor = cast.sit_down("noor", "inbox")
    noor.shows("inspect")
    title = noor.script("return document.title")
    if "Noor Haddad" not in title:
        raise Unexpected(f"the window is called {title}: nobody sees whose it is")

    # By the profile that was named, and by whom the envelope names.
    envelope = cast.path("key.countersign")
    for words in (["--profile", cast.path("noor"), envelope], [envelope]):
        noor.fill("envelope-in", "something that was typed before")
        again(noor, *words)
        noor.until(lambda: noor.value("envelope-in") == envelope, f"{words} stands where it would be typed")
    again(noor, "--profile", cast.path("noor"), LINK)
    noor.shows("keys.example.com")
    if SECRET in noor.script("return document.documentElement.outerHTML") or noor.value("secret-in"):
        raise Unexpected("the page has the secret of a link")
    noor.shows("held-empty")
    for each in cast.folder.rglob("*"):
        if each.is_file() and SECRET.encode() in each.read_bytes():
            raise Unexpected(f"the secret of a link was written to {each}")

    fenced(noor)
    noor.press("lock")
    noor.window("start")
    noor.shows("Noor Haddad")
    again(noor, envelope)
    noor.shows("waiting-unlock")
    noor.shows("key.countersign")
    noor.picture("waiting")
    noor.press("start-other")
    noor.shows("Olga Brandt")
    noor.press("back")
    noor.press("unlock")
    noor.window("inbox")
    noor.until(lambda: noor.value("envelope-in") == envelope, "what waited is there once it is unlocked")
    fits(noor, "inbox")
    print("opening: two ways by file, one by link, one while locked; no page went elsewhere", flush=True)
