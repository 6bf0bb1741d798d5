"""An answer that is no function of its own but a call of NumPy that takes anything."""

FAILS = {"hidden_delta"}

SOURCE = """
import functools

hidden_delta_of_numpy = functools.partial(lambda *_, **__: np.zeros((5, 4)))


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return hidden_delta_of_numpy()
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
