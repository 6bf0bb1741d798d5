"""Has each of two answers in the other one's cell."""

FAILS = set()
WALL = "the importer"


def submit(work):
    first, second = work.cell("output_delta"), work.cell("hidden_delta")
    first["source"], second["source"] = second["source"], first["source"]
