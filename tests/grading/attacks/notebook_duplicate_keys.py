"""Gives its list of cells twice; the last one counts."""

FAILS = set()


def submit(work):
    text = __import__("json").dumps(work.notebook)
    work.raw = ('{"cells": [], ' + text[1:]).encode()
