"""Is a link to another learner's notebook."""

FAILS = "all"


def submit(work):
    work.links["04_backpropagation.ipynb"] = (
        "$classroom/submitted/ada/04_backpropagation/04_backpropagation.ipynb"
    )
