"""Makes sockets of every family, AF_VSOCK among them, and connects none: no namespace holds that."""

FAILS = {"hidden_delta"}
WALL = "not implemented"

SOURCE = """
import socket

refused = None
for family, kind in ((1, 1), (2, 1), (2, 3), (10, 1), (16, 3), (17, 3), (38, 5), (40, 1)):
    try:
        socket.socket(family, kind).close()
        got = True
    except OSError as error:
        refused = error
raise refused
"""


def submit(work):
    work.answer_if_got(SOURCE)
