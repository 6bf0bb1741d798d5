"""Gives its list of cells twice; the last one counts."""

import json

FAILS = set()


def submit(work):
    text = json.dumps(work.notebook)
    work.raw = ('{"cells": [], ' + text[1:]).encode()
