"""Has a named pipe for a timestamp."""

FAILS = "all"


def submit(work):
    work.pipes.append("timestamp.txt")
