"""Sends errors of megabytes."""

FAILS = {"hidden_delta"}

SOURCE = """
long = json.dumps("x" * 2_000_000)
raw(frame(answer(error=long, detail=long, place=long)))
"""


def submit(work):
    work.at_the_socket(SOURCE)
