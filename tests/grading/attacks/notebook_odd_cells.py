"""Has numbers, texts, null and lists among its cells."""

FAILS = set()


def submit(work):
    work.notebook["cells"] += [
        1.5,
        None,
        "cell",
        [],
        {},
        {"cell_type": 1, "source": 2, "metadata": 3, "id": 4},
        True,
    ]
