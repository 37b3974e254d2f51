"""The real window, driven: a display, a WebDriver session, and what a person does in it. Standard library only.

One `Desktop` is one display for a whole journey. One `App` is one started application: one person, one profile. Every
call has a time-out, and everything that was started is ended by its own process id.
"""

import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# An unoptimised build on a busy machine: Argon2id and the web process both take seconds.
PATIENCE = 60
TOOLS = {"Xvfb": "xvfb", "WebKitWebDriver": "webkit2gtk-driver"}
TEXTS = pathlib.Path(__file__).resolve().parents[2] / "ui/src/lib/text"


class Unexpected(Exception):
    """A window showed something else than it should."""


def missing_tools():
    """What this machine lacks, as a sentence; empty where everything is there."""
    missing = [f"{tool} (package {package})" for tool, package in TOOLS.items() if not shutil.which(tool)]
    return "there is no " + " and no ".join(missing) if missing else ""


def texts(language):
    """The texts of the pages, so that a journey names what it presses as the pages do."""
    found = {}
    for line in (TEXTS / f"{language}.ftl").read_text(encoding="utf-8").splitlines():
        one = re.match(r"([a-z][a-z0-9-]*) = (.*)", line)
        if one:
            found[one[1]] = one[2].strip()
    return found


class Desktop:
    """The screens of a journey, one for each person, and the folder of everything that happens on them."""

    def __init__(self, program, folder=None, size=(1360, 860)):
        self.program = pathlib.Path(program).resolve()
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="countersign-windows-"))
        self.apps = []
        self.screens = {}
        self.shots = 0
        self.log = open(self.folder / "log.txt", "ab")
        self.size = size
        # The address of a message bus, where a journey has one.
        self.bus = "disabled:"

    def screen(self, person):
        """The display of this person; there is no window but their own on it, so what is opened last has the focus."""
        if person not in self.screens:
            ours, theirs = os.pipe()
            xvfb = subprocess.Popen(
                ["Xvfb", "-displayfd", str(theirs), "-screen", "0", f"{self.size[0]}x{self.size[1]}x24", "-nolisten", "tcp"],
                pass_fds=[theirs], stdout=self.log, stderr=self.log,
            )
            os.close(theirs)
            with os.fdopen(ours) as said:
                self.screens[person] = (":" + said.readline().strip(), xvfb)
            if self.screens[person][0] == ":":
                raise Unexpected("Xvfb told no display")
        return self.screens[person][0]

    def start(self, person, *words, beside=None, language="en"):
        """Starts the application as a person would, with the words given to it, on a screen of their own."""
        app = App(self, person, [str(word) for word in words], self.screen(beside or person), language)
        self.apps.append(app)
        return app

    def picture(self, name, person=None):
        """A picture of this person's screen, or of everybody's, where something can take one."""
        self.shots += 1
        for each in [person] if person else self.screens:
            if shutil.which("scrot"):
                try:
                    subprocess.run(
                        ["scrot", "--overwrite", str(self.folder / f"{self.shots:02}-{name}-{each}.png")], timeout=20, check=False,
                        env={**os.environ, "DISPLAY": self.screens[each][0]}, stdout=self.log, stderr=self.log,
                    )
                except subprocess.TimeoutExpired:
                    pass

    def end(self):
        for app in self.apps:
            app.end()
        for _, xvfb in self.screens.values():
            stop(xvfb)
        self.log.close()


def stop(process):
    """Ends a process that was started here, and waits for it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class App:
    """One running application, and the window that is looked at."""

    def __init__(self, desktop, person, words, display, language):
        self.desktop = desktop
        self.person = person
        self.language = language
        home = desktop.folder / f"home-{person}"
        self.text = texts(language)
        home.mkdir(mode=0o700, exist_ok=True)
        runtime = home / "run"
        runtime.mkdir(mode=0o700, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        # Nothing of the caller's leaks in: no key store, no settings, no session bus.
        kept = {name: os.environ[name] for name in ("PATH", "TZ", "LD_LIBRARY_PATH") if name in os.environ}
        environment = {
            **kept, "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "DISPLAY": display, "LANG": "C.UTF-8",
            "GDK_BACKEND": "x11", "WEBKIT_DISABLE_DMABUF_RENDERER": "1", "GSETTINGS_BACKEND": "memory",
            "LIBGL_ALWAYS_SOFTWARE": "1", "NO_AT_BRIDGE": "1", "DBUS_SESSION_BUS_ADDRESS": desktop.bus,
            "DBUS_SYSTEM_BUS_ADDRESS": desktop.bus,
            # How the web view is told that a driver may look in; the application itself knows nothing of it.
            "TAURI_AUTOMATION": "true", "TAURI_WEBVIEW_AUTOMATION": "true",
        }
        self.environment = environment
        self.driver = subprocess.Popen(
            ["WebKitWebDriver", f"--port={self.port}"], env=environment, cwd=desktop.folder, start_new_session=True,
            stdout=desktop.log, stderr=desktop.log,
        )
        self.session = None
        self._wait_for_port()
        options = {"binary": str(desktop.program), "args": words}
        made = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}})
        self.session = made["sessionId"]

    def end(self):
        """Ends the session, which ends the application, and the driver."""
        if self.session:
            try:
                self._call("DELETE", self._path(""))
            except (Unexpected, OSError):
                pass
            self.session = None
        stop(self.driver)
        try:
            os.killpg(self.driver.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def picture(self, name):
        """A picture of this person's screen."""
        self.desktop.picture(name, self.person if self.person in self.desktop.screens else None)

    # What a person does.

    def window(self, label, patience=PATIENCE):
        """Goes on in the window with this page."""
        self.until(lambda: any(page == label for page in self._look_through()), f"the window {label} opens", patience)

    def windows(self):
        """The pages of all windows there are."""
        return sorted(self._look_through())

    def _look_through(self):
        """Looks into one window after the other, and stays in the last one. One that is closing is none any more."""
        for handle in self._call("GET", self._path("/window/handles")):
            try:
                self._call("POST", self._path("/window"), {"handle": handle})
                yield self._call("GET", self._path("/url")).rsplit("/", 1)[-1].removesuffix(".html")
            except Unexpected as gone:
                # On a busy machine the driver has no word for a window that closes while it looks there.
                if not any(word in str(gone) for word in ("no such window", "unknown error")):
                    raise

    def press(self, text, within=""):
        """Presses a button by the words on it."""
        words = self.says(text)
        whole = "kbd or true()" if "{" in self.text.get(text, "") else "kbd"
        self.click(f"{within}//button[(normalize-space(.)={quoted(words)} or @aria-label={quoted(words)}"
                   f" or (({whole}) and starts-with(normalize-space(.), {quoted(words)}))) and not(@disabled)]", f"the button {words}")

    def press_choice(self, text):
        """Presses a button that has a title and an explanation."""
        words = self.says(text)
        self.click(f"//button[strong[normalize-space(.)={quoted(words)}]]", f"the choice {words}")

    def go(self, place):
        """Goes to a place of the rail."""
        self.click(f"//nav//button[span[normalize-space(.)={quoted(self.says('place-' + place))}]]", f"the place {place}")

    def field(self, text, within=""):
        """The field with this label."""
        words = self.says(text)
        label = f"@aria-label={quoted(words)} or @id=//label[starts-with(normalize-space(.), {quoted(words)})]/@for"
        return self.find(f"{within}//*[(self::input or self::textarea) and ({label})]", f"the field {words}")

    def value(self, text):
        """What stands in a field."""
        return self.again(lambda: self._call("GET", self._path(f"/element/{self.field(text)}/property/value")), f"the field {text}")

    def fill(self, text, value, within=""):
        """Fills a field."""
        def filled():
            element = self.field(text, within)
            self._call("POST", self._path(f"/element/{element}/clear"), {})
            self._call("POST", self._path(f"/element/{element}/value"), {"text": str(value).replace("\n", "\ue007")})
        self.again(filled, f"the field {text} is filled")

    def hear(self, digits):
        """Types a fingerprint that somebody reads aloud, box by box."""
        groups = digits.split()
        if len(groups) != 7:
            raise Unexpected(f"{digits} is no fingerprint")
        for number, group in enumerate(groups, 1):
            box = quoted(self.text["fingerprint-box"].replace("{ $number }", str(number)))
            at = f"//dialog[@open]//fieldset//input[@aria-label={box}] | //main//fieldset//input[@aria-label={box}]"
            what = f"box {number} of the fingerprint"
            self.again(lambda: self._call("POST", self._path(f"/element/{self.find(at, what)}/value"), {"text": group}), what)

    def click(self, path, what):
        """Clicks as soon as the element can be clicked."""
        def clicked():
            element = self.find(path, what, 0)
            if element is None:
                return False
            try:
                self._call("POST", self._path(f"/element/{element}/click"), {})
            except Unexpected as refused:
                # The press closed its own window before the driver answered.
                if "no such window" in str(refused):
                    return True
                # What lies half under an edge is scrolled to, as a person would.
                if "intercepted" in str(refused) or "not interactable" in str(refused):
                    self._scroll_to(element)
                # Moved, covered or gone: it is found again.
                if any(word in str(refused) for word in ("stale", "intercepted", "not interactable", "no such element")):
                    return False
                raise
            return True
        self.until(clicked, f"{what} can be pressed")

    def _scroll_to(self, element):
        scroll = {"script": "arguments[0].scrollIntoView({ block: 'center' });", "args": [{ELEMENT: element}]}
        try:
            self._call("POST", self._path("/execute/sync"), scroll)
        except Unexpected as gone:
            if "stale" not in str(gone):
                raise

    def keys(self, text, held=""):
        """Types on whatever has the focus, while other keys are held."""
        down = [{"type": "keyDown", "value": key} for key in held]
        presses = [{"type": way, "value": key} for key in text for way in ("keyDown", "keyUp")]
        up = [{"type": "keyUp", "value": key} for key in held]
        presses = [*down, *presses, *up]
        self._call("POST", self._path("/actions"), {"actions": [{"type": "key", "id": "keys", "actions": presses}]})

    def resize(self, width, height):
        """Makes the window as large as this, as a person does by its corner."""
        self._call("POST", self._path("/window/rect"), {"x": 0, "y": 0, "width": width, "height": height})

    # What a person sees.

    def settle(self):
        """Waits until the page knows what it shows, and was drawn as it stands: two frames, no transition under way."""
        self.until(lambda: self.find("//*[@aria-busy='true']", "", 0) is None, "the page knows what it shows")
        script = ("const done = arguments[0]; Promise.all(document.getAnimations().map((a) => a.finished.catch(() => 0)))"
                  ".then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));")
        self._call("POST", self._path("/execute/async"), {"script": script, "args": []})

    def says(self, text):
        """A text by its name, or the words themselves."""
        return self.text.get(text, text).split(" { ")[0]

    def shows(self, text, patience=PATIENCE):
        """Waits until these words are on the page."""
        words = self.says(text)
        self.until(lambda: words.lower() in self.page().lower(), f"the page says: {words}", patience)

    def page(self):
        """All words on the page; none where the window is gone by now."""
        try:
            body = self.find("//body", "a page", 0)
        except Unexpected:
            return ""
        return self.words(body) if body else ""

    def words(self, element):
        """The words of an element; none where it is gone by now."""
        try:
            return self._call("GET", self._path(f"/element/{element}/text")) or ""
        except Unexpected:
            return ""

    def read(self, path, what):
        """The words of the first element on a path."""
        return self.again(lambda: self._call("GET", self._path(f"/element/{self.find(path, what)}/text")), what) or ""

    def announced(self):
        """What the page says to a screen reader: it need not be seen."""
        said = self._call("POST", self._path("/elements"), {"using": "css selector", "value": "main [role=status]"})
        try:
            return " ".join(self._call("GET", self._path(f"/element/{each[ELEMENT]}/property/textContent")) or "" for each in said)
        except Unexpected:
            return ""

    def find(self, path, what, patience=PATIENCE):
        """An element by its XPath; none where there is none and nobody waits."""
        found = []
        def there():
            found[:] = [each[ELEMENT] for each in self._call("POST", self._path("/elements"), {"using": "xpath", "value": path})]
            return bool(found)
        if patience == 0:
            return found[0] if there() else None
        self.until(there, f"there is {what}", patience)
        return found[0]

    def script(self, text, *args):
        """What a script on the page answers."""
        return self._call("POST", self._path("/execute/sync"), {"script": text, "args": args})

    def invoke(self, call, request):
        """What the core answers to a script of this page that asks as the page does: ("answer", …) or ("refused", …)."""
        text = """const [call, request, done] = arguments;
            __TAURI_INTERNALS__.invoke(call, { request }).then((said) => done(['answer', said]), (why) => done(['refused', why]));"""
        area, command = call.split("/")
        body = {"script": text, "args": [f"plugin:{area}|{command}", request]}
        return tuple(self._call("POST", self._path("/execute/async"), body))

    def again(self, act, what):
        """Does something with an element, once more where the page put another in its place meanwhile."""
        done = []

        def tried():
            try:
                done[:] = [act()]
            except Unexpected as refused:
                if "stale" not in str(refused):
                    raise
            return bool(done)
        self.until(tried, what)
        return done[0]

    def until(self, true, what, patience=PATIENCE):
        """Waits for something to become true."""
        deadline = time.monotonic() + patience
        while not true():
            if time.monotonic() > deadline:
                self.picture("failed")
                raise Unexpected(f"{self.person}: not within {patience} s: {what}. The page says:\n{self.page()}")
            time.sleep(0.1)

    # The wire.

    def _path(self, rest):
        return f"/session/{self.session}{rest}"

    def _call(self, method, path, body=None):
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            wire.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
            said = json.loads(wire.getresponse().read() or b"{}").get("value")
        except (OSError, ValueError, http.client.HTTPException) as broken:
            raise Unexpected(f"{self.person}: {method} {path}: {broken!r}") from broken
        finally:
            wire.close()
        if isinstance(said, dict) and "error" in said:
            raise Unexpected(f"{self.person}: {method} {path} {body}: {said['error']}: {said.get('message', '')}")
        return said

    def _wait_for_port(self):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.driver.poll() is not None:
                    raise Unexpected("WebKitWebDriver does not answer") from None
                time.sleep(0.1)


def quoted(text):
    """A text as XPath writes it."""
    if "'" not in text:
        return f"'{text}'"
    return "concat('" + text.replace("'", "', \"'\", '") + "')"
