"""Has a link beside the notebook, to the machine's files."""

FAILS = "all"


def submit(work):
    work.links["data"] = "/"
