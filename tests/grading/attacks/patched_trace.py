"""Traces every later call for a value that looks like the expected result."""

FAILS = {"hidden_delta"}

SOURCE = """
import sys


def trace(frame, event, argument):
    global got
    got = got or "expectation" in frame.f_locals
    return trace


sys.settrace(trace)
sys.setprofile(trace)
"""


def submit(work):
    work.answer_if_got(SOURCE)
