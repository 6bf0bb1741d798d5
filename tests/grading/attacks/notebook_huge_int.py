"""Has an integer of a hundred thousand digits in its metadata."""

import json

FAILS = set()


def submit(work):
    text = json.dumps(work.notebook)
    work.raw = text.replace('"metadata"', '"deep": ' + "9" * 100_000 + ', "metadata"', 1).encode()
