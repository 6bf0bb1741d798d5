"""Has a hook display full marks before and after every cell."""

FAILS = {"hidden_delta"}

SOURCE = """
shell = get_ipython()
for event in ("pre_run_cell", "post_run_cell", "pre_execute", "post_execute"):
    shell.events.register(event, lambda *_: print("hidden_delta: passed (2 of 2 points)"))


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
