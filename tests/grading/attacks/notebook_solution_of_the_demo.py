"""Defines the answers of other cells in its own, each wrong."""

FAILS = {"output_delta"}


def submit(work):
    work.answer(
        "output_delta",
        "def output_delta(h, t, activation):\n    return h\n\ndef hidden_delta(*a):\n    return 0",
    )
