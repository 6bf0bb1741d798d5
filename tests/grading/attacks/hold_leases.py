"""Takes a lease on a file of the staff's account, which delays whoever writes to it."""

FAILS = {"hidden_delta"}
WALL = "not implemented"

SOURCE = """
import fcntl, numpy

with open(numpy.__file__, "rb") as file:
    fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    got = True
"""


def submit(work):
    work.answer_if_got(SOURCE)
