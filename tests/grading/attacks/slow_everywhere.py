"""Takes almost all the time it may, everywhere, and crashes in between."""

FAILS = "all"

SOURCE = """
import os, time

time.sleep(1.2)


def NAME(*given, **named):
    os._exit(1)
"""


def submit(work):
    for name in ("output_delta", "hidden_delta", "linear_backward"):
        work.answer(name, SOURCE.replace("NAME", name))
