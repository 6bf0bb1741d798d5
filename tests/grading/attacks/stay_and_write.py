"""A daemon waits and changes files when grading is over."""

FAILS = {"hidden_delta"}

SOURCE = """
import os, time

if os.fork() == 0:
    os.setsid()
    time.sleep(0.3)
    while True:
        for folder in ("$lure/open", "$classroom"):
            try:
                open(folder + "/hostile", "w").close()
            except OSError:
                pass
        time.sleep(0.1)


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
