"""Gives the set-up's names another meaning; the course's own stay."""

FAILS = set()


def submit(work):
    work.cell("cell-01")["source"] += "\nnp = ACTIVATIONS = check = None\n"
