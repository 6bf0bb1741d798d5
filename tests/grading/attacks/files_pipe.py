"""Has a named pipe for a notebook, which nobody writes to."""

FAILS = "all"


def submit(work):
    work.pipes.append("04_backpropagation.ipynb")
    work.links[".never"] = "/dev/null"
