"""What an exchange is performed on: the folder, the people, and every command shown as it is run.

Standard library only. What a terminal is needed for runs under a pseudo-terminal, so this needs Linux or macOS.
"""

import fcntl
import json
import os
import pty
import re
import select
import shlex
import signal
import socket
import struct
import subprocess
import sys
import termios
import time

# No command of an exchange takes longer, even unoptimised on a busy machine.
PATIENCE = 120
ID = re.compile(r"\b[0-9a-hjkmnp-tv-z]{26}\b")


class Hidden(str):
    """What is typed where the terminal does not show it."""


class Unexpected(Exception):
    """A command did something else than it should."""


class Stage:
    """The folder, what runs in it, and what is shown of it."""

    def __init__(self, program, relay_program, folder, quiet):
        self.program = str(program)
        self.relay_program = str(relay_program)
        self.folder = folder
        self.quiet = quiet
        self.colour = not quiet and sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.commands = 0
        self.relay = None
        self.port = None
        # Nothing of the caller's leaks in: no key store, no settings, no colours.
        kept = {name: os.environ[name] for name in ("PATH", "TZ", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        self.environment = {**kept, "HOME": str(folder), "TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "110"}

    def say(self, text=""):
        if not self.quiet:
            print(text, flush=True)

    def section(self, title):
        self.say(f"\n\033[1m── {title}\033[0m" if self.colour else f"\n-- {title}")

    def explain(self, text):
        self.say(f"\033[2m{text}\033[0m" if self.colour else text)

    def command(self, person, *words, typed=(), given=None, code=0, shows=()):
        """Runs one command and returns what it printed.

        `typed`: lines for a terminal, one at every question. `given`: a file on standard input. `code`: the exit code
        it must end with. `shows`: texts it must print.
        """
        arguments = [str(word) for word in (*(person.options if person else ()), *words)]
        line = "$ countersign " + " ".join(shlex.quote(a) for a in arguments) + (f" < {given}" if given else "")
        self.say(f"\n\033[36m{line}\033[0m" if self.colour else f"\n{line}")
        self.commands += 1
        if typed:
            ended, output = self._at_terminal([self.program, *arguments], list(typed))
        else:
            ended, output = self._piped([self.program, *arguments], given)
        output = output.rstrip()
        if output:
            self.say(output)
        if ended != code:
            raise Unexpected(f"{line}\n{output}\nended with exit code {ended}, not {code}")
        for text in shows:
            if text.lower() not in output.lower():
                raise Unexpected(f"{line}\n{output}\ndoes not say: {text}")
        return output

    def ask(self, person, *words):
        """The same for a look-up that nobody needs to see: what `--json` prints."""
        arguments = [self.program, *person.options, "--json", *words]
        code, output = self._piped(arguments, None, split=True)
        if code != 0:
            raise Unexpected(f"{shlex.join(arguments)}\n{output}\nended with exit code {code}")
        return json.loads(output)

    def _piped(self, arguments, given, split=False):
        stdin = open(self.folder / given, "rb") if given else subprocess.DEVNULL
        stderr = subprocess.DEVNULL if split else subprocess.STDOUT
        try:
            run = subprocess.run(
                arguments, cwd=self.folder, env=self.environment, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr,
                timeout=PATIENCE, check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise Unexpected(f"{shlex.join(arguments)}\ndid not end within {PATIENCE} s") from late
        finally:
            if given:
                stdin.close()
        return run.returncode, run.stdout.decode("utf-8", "replace")

    def _at_terminal(self, arguments, typed):
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            os.execve(arguments[0], arguments, self.environment)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 110, 0, 0))
        deadline = time.monotonic() + PATIENCE
        output, asked = b"", 0
        while True:
            if not select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                shown = output.decode("utf-8", "replace")
                raise Unexpected(f"{shlex.join(arguments)}\n{shown}\nasks for more, or does not end")
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # how Linux says that the other end is closed
                piece = b""
            if not piece:
                break
            output += piece
            # A question ends in a colon and a space, and waits.
            if typed and output[asked:].endswith(b": "):
                # The echo is switched off after the question was written; nobody types faster than that but a program.
                while isinstance(typed[0], Hidden) and termios.tcgetattr(terminal)[3] & termios.ECHO:
                    time.sleep(0.001)
                os.write(terminal, typed.pop(0).encode() + b"\n")
                asked = len(output)
        os.close(terminal)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        text = output.decode("utf-8", "replace").replace("\r\n", "\n")
        if typed:
            raise Unexpected(f"{shlex.join(arguments)}\n{text}\nnever asked for: {typed[0]}")
        return code, text

    def find_port(self):
        """A port that nothing listens on: the card names it before the relay is there."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    def start_relay(self, card):
        """Starts the relay behind everything else, and waits until it listens."""
        arguments = ["--data", "relay", "--organisation", card, "--listen", f"127.0.0.1:{self.port}"]
        line = "$ countersign-relay " + shlex.join(arguments) + " &"
        self.say(f"\n\033[36m{line}\033[0m" if self.colour else f"\n{line}")
        log = self.folder / "relay.log"
        with open(log, "wb") as said:
            self.relay = subprocess.Popen(
                [self.relay_program, *arguments], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=said, stderr=said,
            )
        deadline = time.monotonic() + PATIENCE
        while '"what":"clients"' not in log.read_text(encoding="utf-8"):
            if self.relay.poll() is not None or time.monotonic() > deadline:
                raise Unexpected(f"{line}\n{log.read_text(encoding='utf-8')}\ndoes not listen")
            time.sleep(0.05)

    def stop_relay(self):
        if self.relay:
            self.relay.terminate()
            self.relay.wait(PATIENCE)

    def id_in(self, output, after=""):
        """The first id that was printed, behind some text."""
        found = ID.search(output, max(0, output.find(after)))
        if not found:
            raise Unexpected(f"{output}\nnames no id")
        return found.group()


class Person:
    """One profile: one person on one desk, or one contact of a partner."""

    def __init__(self, name, full_name):
        self.name = name
        self.full_name = full_name
        self.options = ("--profile", name, "--unlock", f"file:{name}.unlock")
