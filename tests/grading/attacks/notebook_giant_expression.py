"""Has an answer that Python's parser cannot stand: brackets without end."""

FAILS = {"hidden_delta"}


def submit(work):
    work.answer("hidden_delta", "hidden_delta = " + "(" * 90_000 + ")" * 90_000)
