"""Shuts the connection down, one way."""

FAILS = {"hidden_delta"}

SOURCE = """
connection.shutdown(socket.SHUT_WR)
"""


def submit(work):
    work.at_the_socket(SOURCE)
