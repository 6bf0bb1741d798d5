"""Raises an exception that no `except Exception` sees."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    class End(BaseException):
        pass

    raise End("<script>alert(1)</script>")
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
