"""Has a link to itself."""

FAILS = "all"


def submit(work):
    work.links["04_backpropagation.ipynb"] = "04_backpropagation.ipynb"
