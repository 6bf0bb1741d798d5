"""A list that is endless."""

FAILS = {"hidden_delta"}

SOURCE = """
class Liar(list):
    def __iter__(self):
        while True:
            yield 0.5

    def __len__(self):
        return 5


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return Liar([1])
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
