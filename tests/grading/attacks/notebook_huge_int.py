"""Has an integer of a hundred thousand digits in its metadata."""

FAILS = "all"


def submit(work):
    text = __import__("json").dumps(work.notebook)
    work.raw = text.replace('"metadata"', '"deep": ' + "9" * 100_000 + ', "metadata"', 1).encode()
