"""Sends itself all signals."""

FAILS = {"hidden_delta"}

SOURCE = """
def hidden_delta(delta_next, W_next, h, h_next, activation):
    import os, signal

    for number in (
        signal.SIGTERM,
        signal.SIGINT,
        signal.SIGHUP,
        signal.SIGSEGV,
        signal.SIGKILL,
    ):
        os.kill(os.getpid(), number)
        os.kill(0, number)
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
