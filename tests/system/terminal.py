"""Runs a program at a pseudo-terminal. Standard input: {args, folder, columns, answers}; standard output: {code, text,
unused}. An answer is typed whenever a question waits, which is when the output ends in a colon and a space. "^C" and
"^D" are keys, not answers; what begins with "hidden:" is typed once the terminal shows nothing. Standard library only.
"""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

KEYS = {"^C": b"\x03", "^D": b"\x04"}
# No command takes longer, even unoptimised on a busy machine.
PATIENCE = 60


def main():
    asked_for = json.load(sys.stdin)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(asked_for["folder"])
        kept = {name: os.environ[name] for name in ("PATH", "TZ", "LLVM_PROFILE_FILE") if name in os.environ}
        os.execve(asked_for["args"][0], asked_for["args"], {**kept, "HOME": asked_for["folder"], "TERM": "dumb"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, asked_for["columns"], 0, 0))
    answers = list(asked_for["answers"])
    output, seen, deadline = b"", 0, time.monotonic() + PATIENCE
    while True:
        waits = output[seen:].endswith(b": ")
        if waits and answers:
            answer = answers.pop(0)
            if answer.startswith("hidden:"):
                answer = answer.removeprefix("hidden:")
                while termios.tcgetattr(terminal)[3] & termios.ECHO and time.monotonic() < deadline:
                    time.sleep(0.001)
            os.write(terminal, KEYS.get(answer) or answer.encode() + b"\n")
            seen = len(output)
        # A question that nobody answers any more ends the run: the test sees it in the code.
        if waits and not answers and seen < len(output) or time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            break
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end is closed
            piece = b""
        if not piece:
            break
        output += piece
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.close(terminal)
    text = output.decode("utf-8", "replace").replace("\r\n", "\n")
    json.dump({"code": code, "text": text, "unused": answers}, sys.stdout)


main()
