"""Points, clicks and types on an X display as a person does, through XTEST (libXtst comes with xwininfo, in x11-utils).

    DISPLAY=:1 python3 person.py '["click", 640, 360]' '["chord", "Control_L", "a"]' '["type", "cell mine\\nstate h\\n"]'
"""
import ctypes
import json
import sys
import time

x11, xtst = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
x11.XOpenDisplay.restype = ctypes.c_void_p
x11.XStringToKeysym.restype = ctypes.c_ulong
x11.XkbKeycodeToKeysym.restype = ctypes.c_ulong
x11.XkbKeycodeToKeysym.argtypes = [ctypes.c_void_p, ctypes.c_ubyte, ctypes.c_uint, ctypes.c_uint]
x11.XKeysymToKeycode.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
x11.XKeysymToKeycode.restype = ctypes.c_ubyte
x11.XSync.argtypes = [ctypes.c_void_p, ctypes.c_int]
xtst.XTestFakeKeyEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]
xtst.XTestFakeButtonEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]
xtst.XTestFakeMotionEvent.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_ulong]

display = x11.XOpenDisplay(None)
if not display:
    sys.exit("no display")


def wait(seconds):
    x11.XSync(display, 0)
    time.sleep(seconds)


def press(codes):
    for code in codes:
        xtst.XTestFakeKeyEvent(display, code, 1, 0)
    for code in reversed(codes):
        xtst.XTestFakeKeyEvent(display, code, 0, 0)
    wait(0.01)


def code_of(keysym):
    return x11.XKeysymToKeycode(display, keysym)


def chord(*names):
    press([code_of(x11.XStringToKeysym(name.encode())) for name in names])


def type(text):
    shift = code_of(x11.XStringToKeysym(b"Shift_L"))
    for symbol in text:
        keysym = 0xFF0D if symbol == "\n" else ord(symbol)
        code = code_of(keysym)
        plain = x11.XkbKeycodeToKeysym(display, code, 0, 0) == keysym
        press([code] if plain else [shift, code])


def click(x, y):
    xtst.XTestFakeMotionEvent(display, -1, x, y, 0)
    wait(0.2)
    for down in (1, 0):
        xtst.XTestFakeButtonEvent(display, 1, down, 0)
        wait(0.1)


for argument in sys.argv[1:]:
    act, *values = json.loads(argument)
    {"click": click, "type": type, "chord": chord}[act](*values)
    wait(0.2)
