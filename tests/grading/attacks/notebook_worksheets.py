"""Is of an old format with work sheets."""

FAILS = "all"


def submit(work):
    work.raw = b'{"nbformat": 3, "worksheets": [{"cells": []}]}'
