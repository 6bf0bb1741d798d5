"""Sends urgent bytes and empty packets."""

FAILS = {"hidden_delta"}

SOURCE = """
try:
    connection.send(b"!", socket.MSG_OOB)
except OSError:
    pass
connection.send(b"")
raw(frame(answer()))
"""


def submit(work):
    work.at_the_socket(SOURCE)
