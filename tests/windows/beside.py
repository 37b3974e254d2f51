#!/usr/bin/env python3
"""Another program on the same screen, made of the system's GTK: what is in the clipboard, something else that is copied, and
a file that is dragged: `beside.py clipboard | copy TEXT | drag X Y FILE …`.

`clipboard` writes what it finds as JSON; `copy` says `copied` and keeps the text until it is ended; `drag` takes the files
from a corner of the screen and lets go of them at X, Y, as a file manager does. No driver of pages can do any of it.
"""

import ctypes
import itertools
import json
import pathlib
import sys

ASKED = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3, ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p)
OVER = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3)
TICK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
LEFT, POPUP, COPIES = 1 << 8, 1, 2
STEPS, EVERY = 20, 40
# A clipboard manager that finds this, with `secret` in it, keeps no copy.
HINT = "x-kde-passwordManagerHint"


def library(name, **answers):
    found = ctypes.CDLL(name)
    for function, answer in answers.items():
        getattr(found, function).restype = answer
    return found


P = ctypes.c_void_p
gdk = library("libgdk-3.so.0", gdk_atom_intern=P, gdk_atom_name=ctypes.c_char_p)
gtk = library(
    "libgtk-3.so.0", gtk_clipboard_get=P, gtk_clipboard_wait_for_text=ctypes.c_char_p, gtk_clipboard_wait_for_contents=P,
    gtk_selection_data_get_data=ctypes.c_char_p, gtk_window_new=P,
)
glib = library("libglib-2.0.so.0")
gobject = library("libgobject-2.0.so.0")


def atom(name):
    return P(gdk.gdk_atom_intern(name.encode(), 0))


def clipboard():
    clip = P(gtk.gtk_clipboard_get(atom("CLIPBOARD")))
    atoms, count = ctypes.POINTER(P)(), ctypes.c_int()
    there = gtk.gtk_clipboard_wait_for_targets(clip, ctypes.byref(atoms), ctypes.byref(count))
    targets = [gdk.gdk_atom_name(P(atoms[at])).decode() for at in range(count.value)] if there else []
    text = gtk.gtk_clipboard_wait_for_text(clip) if there else None
    hint = None
    if HINT in targets:
        hint = gtk.gtk_selection_data_get_data(P(gtk.gtk_clipboard_wait_for_contents(clip, atom(HINT)))).decode()
    print(json.dumps({"text": text.decode() if text is not None else None, "hint": hint, "targets": targets}))


def copy(text):
    gtk.gtk_clipboard_set_text(P(gtk.gtk_clipboard_get(atom("CLIPBOARD"))), text.encode(), -1)
    print("copied", flush=True)
    gtk.gtk_main()


class Pointer:
    """The mouse of the screen, as if a hand moved it."""

    def __init__(self):
        self.x11 = library("libX11.so.6", XOpenDisplay=P)
        self.test = ctypes.CDLL("libXtst.so.6")
        self.display = P(self.x11.XOpenDisplay(None))

    def move(self, x, y):
        self.test.XTestFakeMotionEvent(self.display, -1, int(x), int(y), ctypes.c_ulong(0))
        self.x11.XFlush(self.display)

    def button(self, down):
        self.test.XTestFakeButtonEvent(self.display, 1, int(down), ctypes.c_ulong(0))
        self.x11.XFlush(self.display)


def drag(x, y, *files):
    uris = [pathlib.Path(each).absolute().as_uri().encode() for each in files]
    held = (ctypes.c_char_p * (len(uris) + 1))(*uris, None)
    given = []
    window = P(gtk.gtk_window_new(POPUP))
    gtk.gtk_window_set_default_size(window, 24, 24)
    gtk.gtk_drag_source_set(window, LEFT, None, 0, COPIES)
    gtk.gtk_drag_source_add_uri_targets(window)

    @ASKED
    def asked(_widget, _context, selection, _info, _time, _data):
        gtk.gtk_selection_data_set_uris(P(selection), held)
        given.append(files)

    @OVER
    def over(_widget, _context, _data):
        gtk.gtk_main_quit()

    for signal, act in ((b"drag-data-get", asked), (b"drag-end", over)):
        gobject.g_signal_connect_data(window, ctypes.c_char_p(signal), act, None, None, 0)
    gtk.gtk_widget_show_all(window)
    pointer, way = Pointer(), itertools.count()

    @TICK
    def moves(_data):
        step = next(way)
        if step == 4:
            pointer.move(12, 12)
        elif step == 6:
            pointer.button(True)
        elif 6 < step <= 6 + STEPS:
            part = (step - 6) / STEPS
            pointer.move(12 + (x - 12) * part, 12 + (y - 12) * part)
        elif step == STEPS + 12:
            pointer.button(False)
        return int(step < STEPS + 12)

    glib.g_timeout_add(EVERY, moves, None)
    # Over nobody who takes files nothing may end it.
    give_up = TICK(lambda _data: gtk.gtk_main_quit() or 0)
    glib.g_timeout_add(20_000, give_up, None)
    gtk.gtk_main()
    print("dropped" if given else "nobody took it")


if __name__ == "__main__":
    gtk.gtk_init(None, None)
    what, *rest = sys.argv[1:]
    if what == "clipboard":
        clipboard()
    elif what == "copy":
        copy(*rest)
    else:
        drag(int(rest[0]), int(rest[1]), *rest[2:])
