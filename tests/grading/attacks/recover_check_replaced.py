"""Adds a check of its own and a NumPy of its own in added cells, for a wrong answer that uses both."""

FAILS = {"hidden_delta"}


def submit(work):
    work.wrong()
    work.answer(
        "hidden_delta", work.source("hidden_delta") + "\nchecked = check(hidden_delta), np.pi"
    )
    source = "class np:\n    pi = 3\ndef check(*given):\n    return 2.0\nACTIVATIONS = None"
    added = {"cell_type": "code", "id": "mine", "metadata": {}, "source": source}
    work.notebook["cells"].insert(0, added)
