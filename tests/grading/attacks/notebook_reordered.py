"""Has its cells in reverse."""

FAILS = set()


def submit(work):
    work.notebook["cells"].reverse()
