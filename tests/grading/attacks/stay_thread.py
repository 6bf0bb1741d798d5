"""Leaves a thread behind that never ends, and one that is no daemon."""

FAILS = set()

SOURCE = """
import threading, time

threading.Thread(target=time.sleep, args=[1000]).start()
threading.Thread(target=time.sleep, args=[1000], daemon=True).start()
"""


def submit(work):
    work.before("hidden_delta", SOURCE)
