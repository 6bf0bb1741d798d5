"""Defines an answer wrongly in thousands of cells below its check; the one above counts."""

FAILS = set()


def submit(work):
    work.notebook["cells"] += [
        {
            "cell_type": "code",
            "id": f"experiment-{number}",
            "metadata": {},
            "source": f"def hidden_delta(*given, **named):\n    return {number}",
        }
        for number in range(4_000)
    ]
