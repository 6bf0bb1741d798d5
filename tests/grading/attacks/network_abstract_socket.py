"""Dials an abstract Unix socket, which lies on no disk."""

FAILS = {"hidden_delta"}
WALL = "not implemented"

SOURCE = r"""
import socket

connection = socket.socket(socket.AF_UNIX)
connection.connect("\0$abstract")
got = holds(connection.recv(1000))
"""


def submit(work):
    work.answer_if_got(SOURCE)
