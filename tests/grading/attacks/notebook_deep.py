"""Nests its metadata a hundred thousand deep."""

import json

FAILS = "all"


def submit(work):
    text = json.dumps(work.notebook)
    work.raw = text.replace(
        '"metadata"', '"deep": ' + "[" * 100_000 + "]" * 100_000 + ', "metadata"', 1
    ).encode()
