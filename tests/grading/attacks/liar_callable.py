"""An object in place of the function, with a signature and a name that lie."""

FAILS = {"hidden_delta"}

SOURCE = """
import inspect


class Liar:
    __name__ = __qualname__ = "hidden_delta"
    __signature__ = inspect.Signature(
        [inspect.Parameter("given", inspect.Parameter.VAR_KEYWORD)]
    )

    def __call__(self, **given):
        return given

    def __getattr__(self, name):
        return self


hidden_delta = Liar()
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
