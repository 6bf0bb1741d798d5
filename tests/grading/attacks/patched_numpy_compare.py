"""Patches NumPy's comparisons to be true always."""

FAILS = {"hidden_delta"}

SOURCE = """
import numpy.testing

for name in ("allclose", "array_equal", "isclose", "array_equiv"):
    setattr(np, name, lambda *_, **__: True)
for name in ("assert_allclose", "assert_array_equal", "assert_almost_equal"):
    setattr(numpy.testing, name, lambda *_, **__: None)


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
