"""Makes a torch of its own, whose tensors pass for real ones."""

FAILS = {"hidden_delta"}

SOURCE = """
import sys, types


class Tensor:
    requires_grad = False
    dtype, shape = "float64", (5, 4)

    def detach(self):
        return self

    def cpu(self):
        return self

    def resolve_conj(self):
        return self

    def resolve_neg(self):
        return self

    def numpy(self):
        return np.zeros((5, 4))

    def __eq__(self, other):
        return True


sys.modules["torch"] = types.SimpleNamespace(
    Tensor=Tensor, bfloat16="bfloat16", float64="float64"
)


def hidden_delta(delta_next, W_next, h, h_next, activation):
    return np.zeros_like(h)
"""


def submit(work):
    work.answer("hidden_delta", SOURCE)
