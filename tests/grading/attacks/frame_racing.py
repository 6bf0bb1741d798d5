"""A thread answers every question before the worker does."""

FAILS = {"hidden_delta"}
MAY_FAIL = {"linear_backward_dW", "linear_backward_db", "linear_backward_dx", "output_delta"}

SOURCE = """
import json, os, socket, struct, threading, time

other = socket.socket(fileno=os.dup(3))


def race():
    number = 0
    while True:
        number += 1
        text = json.dumps(
            {"dict": {"number": number, "kind": "function", "value": None, "error": None}}
        ).encode()
        empty = struct.pack("<Q", 2) + b"{}"
        try:
            other.sendall(struct.pack(">II", len(text), len(empty)) + text + empty)
        except OSError:
            time.sleep(0.01)


threading.Thread(target=race, daemon=True).start()


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
