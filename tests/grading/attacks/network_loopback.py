"""Dials a server on the machine's loopback."""

FAILS = {"hidden_delta"}
WALL = "not implemented"

SOURCE = """
import socket

with socket.create_connection(("127.0.0.1", $port), timeout=1) as connection:
    got = holds(connection.recv(1000))
"""


def submit(work):
    work.answer_if_got(SOURCE)
