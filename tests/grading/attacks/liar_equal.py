"""An object that is equal to everything."""

FAILS = {"hidden_delta"}

SOURCE = """
class Liar:
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = None

    def __getattr__(self, name):
        return Liar()

    def __call__(self, *_):
        return Liar()

    def __bool__(self):
        return True


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return Liar()
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
