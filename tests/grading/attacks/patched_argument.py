"""Has the drivers record the arguments, and says that nothing was changed."""

FAILS = {"hidden_delta"}

SOURCE = """
from dlarch import drivers

whole = drivers.record


def record(driver, function, arguments):
    if function is hidden_delta:
        return drivers.Outcome(value=arguments["h"], modified=())
    return whole(driver, function, arguments)


drivers.record = record


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
