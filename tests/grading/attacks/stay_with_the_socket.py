"""A child keeps the connection and goes on answering after its parent is dead."""

FAILS = {"hidden_delta"}

SOURCE = r"""
import os, time


def hidden_delta(delta_next, W_next, h, h_next, activation):

    if os.fork() == 0:
        while True:
            try:
                os.write(3, b"\0\0\0\2\0\0\0\x0a{}")
            except OSError:
                pass
            time.sleep(0.2)
    os._exit(0)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
