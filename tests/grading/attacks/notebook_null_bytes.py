"""Has null bytes in its answer."""

FAILS = {"hidden_delta"}


def submit(work):
    work.answer("hidden_delta", "\0" + work.source("hidden_delta"))
