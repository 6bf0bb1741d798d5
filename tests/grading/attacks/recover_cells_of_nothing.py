"""Has more than a million cells that are zeros."""

FAILS = "all"
WALL = "the importer"


def submit(work):
    work.raw = b'{"cells": [' + b"0," * 1_570_000 + b"0]}"
