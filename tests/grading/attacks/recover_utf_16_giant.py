"""Is 60 MB of blank text in UTF-16."""

FAILS = "all"
WALL = "the importer"


def submit(work):
    work.raw = b"\xff\xfe" + b"\x20\x00" * 30_000_000
