"""Sends to servers by streams and datagrams of both families; their addresses are the machine's own."""

FAILS = {"hidden_delta"}
WALL = "not implemented"

SOURCE = """
import socket

refused = None
for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(family, kind) as connection:
                connection.settimeout(0.3)
                connection.connect((address, $port))
                connection.send(b"exam")
                got = True
        except OSError as error:
            refused = error
raise refused
"""


def submit(work):
    work.answer_if_got(SOURCE)
