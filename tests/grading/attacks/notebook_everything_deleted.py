"""Has no cells at all."""

FAILS = "all"


def submit(work):
    work.notebook["cells"] = []
