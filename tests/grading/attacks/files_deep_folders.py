"""Has folders a hundred deep."""

FAILS = "all"
WALL = "nested more than"


def submit(work):
    work.files["a/" * 100 + "file"] = b"x"
