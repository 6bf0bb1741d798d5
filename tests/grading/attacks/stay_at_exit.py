"""Registers work for the end: atexit, finalizers, non-daemon threads."""

FAILS = set()

SOURCE = """
import atexit, threading, weakref


def endless():
    while True:
        pass


atexit.register(endless)
threading._register_atexit(endless)


class Last:
    def __del__(self):
        endless()


last = Last()
"""


def submit(work):
    work.before("hidden_delta", SOURCE)
