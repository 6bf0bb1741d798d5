"""Has an answer ten thousand times."""

FAILS = set()


def submit(work):
    work.notebook["cells"] += [work.cell("hidden_delta")] * 10_000
