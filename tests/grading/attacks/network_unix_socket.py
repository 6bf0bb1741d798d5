"""Dials a Unix socket by its path."""

FAILS = {"hidden_delta"}
WALL = "not implemented"

SOURCE = """
import socket

connection = socket.socket(socket.AF_UNIX)
connection.connect("$lure/socket")
got = holds(connection.recv(1000))
"""


def submit(work):
    work.answer_if_got(SOURCE)
