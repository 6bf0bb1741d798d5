"""Has a link to a device that never ends."""

FAILS = "all"


def submit(work):
    work.links["04_backpropagation.ipynb"] = "/dev/zero"
