"""Patches showtraceback so that no error is ever shown."""

FAILS = {"hidden_delta"}

SOURCE = """
shell = get_ipython()
shell.showtraceback = lambda *_, **__: None
shell._showtraceback = lambda *_, **__: None
shell.showsyntaxerror = lambda *_, **__: None


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
