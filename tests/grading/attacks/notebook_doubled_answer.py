"""Has a right answer first and a wrong one last; the last one counts."""

FAILS = {"hidden_delta"}


def submit(work):
    right = dict(work.cell("hidden_delta"))
    work.wrong()
    work.notebook["cells"].insert(
        0, {**right, "source": work.source("hidden_delta") + "\n# wrong too"}
    )
