"""Has line ends of all kinds and form feeds in its answer."""

FAILS = set()


def submit(work):
    source = work.source("hidden_delta")
    work.answer("hidden_delta", "\x0c" + source.replace("\n", "\r\n"))
