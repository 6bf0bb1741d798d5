"""Has an answer of megabytes."""

FAILS = {"hidden_delta"}


def submit(work):
    work.answer("hidden_delta", work.source("hidden_delta") + "\n#" + "x" * 5_000_000)
