"""Forks while it sends its answer a byte at a time, so that nobody looks."""

FAILS = {"hidden_delta"}

SOURCE = r"""
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import os, socket, time

    connection = socket.socket(fileno=os.dup(3))
    connection.setblocking(True)
    connection.sendall(b"\0\0\0\x01\0\x10\0\0")
    for number in range(120):
        connection.sendall(b"x")
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
        time.sleep(0.01)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
