"""Has a timestamp of the year 9999 and one that is no date."""

FAILS = set()


def submit(work):
    work.files["timestamp.txt"] = b"9999-12-31 23:59:59.999999 UTC" * 3
