"""Has numbers, dicts and lists of numbers for the source of an answer."""

FAILS = {"hidden_delta", "output_delta"}


def submit(work):
    work.cell("hidden_delta")["source"] = [1, 2, None]
    work.cell("output_delta")["source"] = {"a": 1}
