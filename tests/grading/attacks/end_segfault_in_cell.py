"""Reads address 0 at the top of its cell."""

FAILS = {"hidden_delta"}

SOURCE = """
import ctypes

ctypes.string_at(0)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
