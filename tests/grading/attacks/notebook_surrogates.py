"""Has half a surrogate pair in its answer, in a comment."""

FAILS = set()


def submit(work):
    work.answer("hidden_delta", work.source("hidden_delta") + "\n# \ud800")
