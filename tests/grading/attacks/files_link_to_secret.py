"""Is a link to a secret, in the hope of an error message that quotes it."""

FAILS = "all"


def submit(work):
    work.links["04_backpropagation.ipynb"] = "$lure/secret.txt"
