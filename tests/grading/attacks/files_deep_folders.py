"""Has folders a hundred deep."""

FAILS = set()


def submit(work):
    work.files["a/" * 100 + "file"] = b"x"
