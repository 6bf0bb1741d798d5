"""Replaces judge, compare and report of the learner's library by ones that pass everything."""

FAILS = {"hidden_delta"}

SOURCE = """
import dlarch.compare, dlarch.judge, dlarch.report, dlarch.verdict


def judge(expectation, outcomes, part="", first=None):
    return dlarch.verdict.Verdict(expectation.name, 2.0, 2.0, "pass")


dlarch.judge.judge = judge
dlarch.compare.compare = lambda output, *_: dlarch.compare.Comparison(output, True)
dlarch.compare.Tolerance.limit = lambda self, expected: np.full(expected.shape, np.inf)
dlarch.verdict.Verdict.status = property(lambda self: "pass", lambda self, value: None)


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
