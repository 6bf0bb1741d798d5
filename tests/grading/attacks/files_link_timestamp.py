"""Has a link to a secret as its timestamp."""

FAILS = "all"


def submit(work):
    work.links["timestamp.txt"] = "$lure/secret.txt"
