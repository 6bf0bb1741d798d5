"""Patches sha256 so that all arrays of an answer are taken for one."""

FAILS = {"hidden_delta", "linear_backward_dW", "linear_backward_dx"}

SOURCE = """
import hashlib, types
import dlarch.plain

fake = types.SimpleNamespace(sha256=lambda data: types.SimpleNamespace(digest=lambda: b"same"))
dlarch.plain.hashlib = fake


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
