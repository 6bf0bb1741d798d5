"""Prints a hundred megabytes from its cell."""

FAILS = set()

SOURCE = """
for number in range(60):
    print("x" * (1 << 20))
"""


def submit(work):
    work.before("hidden_delta", SOURCE)
