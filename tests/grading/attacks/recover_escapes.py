"""Holds millions of escaped halves of letters."""

FAILS = "all"
WALL = "the importer"


def submit(work):
    work.raw = b'{"cells": [{"cell_type": "code", "source": "' + b"\\ud800" * 3_000_000 + b'"}]}'
