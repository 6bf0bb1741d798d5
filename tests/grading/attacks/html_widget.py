"""Returns Markdown, LaTeX and links that act."""

FAILS = {"hidden_delta"}

SOURCE = r"""
def hidden_delta(delta_next, W_next, h, h_next, activation):
    raise ValueError(
        '[x](javascript:alert(1)) $\\href{javascript:alert(1)}{x}$ <a href="javascript:alert(1)">x</a>'
    )
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
