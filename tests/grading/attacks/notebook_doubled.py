"""Has every cell twice."""

FAILS = set()


def submit(work):
    work.notebook["cells"] *= 2
