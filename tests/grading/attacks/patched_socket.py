"""Patches the socket so that every byte is sent twice."""

FAILS = {"hidden_delta"}

SOURCE = """
import frames

ARMED = []


def double(connection, frame, deadline, *rest):
    connection.setblocking(True)
    connection.sendall(frame * (2 if ARMED else 1))


frames.send = double


def hidden_delta(delta_next, W_next, h, h_next, activation):
    ARMED.append(1)
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
