"""Passes file descriptors along with its answer."""

FAILS = {"hidden_delta"}

SOURCE = """
connection.setblocking(True)
socket.send_fds(connection, [frame(answer())], [0, 1, 2] * 20)
"""


def submit(work):
    work.at_the_socket(SOURCE)
