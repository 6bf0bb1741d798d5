"""Answers rightly, but by hand: that is a right answer."""

FAILS = set()

SOURCE = """
from dlarch.plain import ArrayTable, encode
import safetensors.numpy

slopes = {"sigmoid": h * (1 - h), "tanh": 1 - h**2, "relu": (h > 0) * 1.0}
table = ArrayTable()
value = json.dumps(encode(delta_next @ W_next.T * slopes[activation], table))
raw(frame(answer(value), safetensors.numpy.save(table.arrays)))
"""


def submit(work):
    work.at_the_socket(SOURCE)
