"""Fills every folder that can be written with many files."""

FAILS = {"hidden_delta"}

SOURCE = """
import os

total = 0
try:
    for number in range(400):
        for place in ("/tmp", os.path.expanduser("~"), "/dev/shm"):
            try:
                with open(f"{place}/{number}", "wb") as file:
                    total += file.write(b"x" * (1 << 20))
            except OSError:
                pass
finally:
    got = total > 100 << 20
"""


def submit(work):
    work.answer_if_got(SOURCE)
