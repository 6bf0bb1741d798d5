"""Which names an answer uses is decided by where they come from."""

import time

import pytest

from autograder.grading import names
from autograder.grading.names import UnreadableError, as_python, defined_in, names_used
from dlarch.names import LOOPS, forbidden_names

FORBIDDEN = ("scipy", "convolve", "kl_divergence", "tanh", "map", "std")
SET_UP = "import numpy as np\nimport torch\nfrom torch.nn import functional"


def found(*cells):
    return forbidden_names("f", as_python((SET_UP, *cells)), FORBIDDEN)


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("def f(x): return np.convolve(x, x)", "convolve"),
        ("from scipy.stats import entropy\ndef f(x): return entropy(x)", "scipy"),
        ("def f(x):\n  from scipy.signal import convolve2d\n  return convolve2d(x, x)", "scipy"),
        ("import scipy.special as s\ndef f(x): return s.expit(x)", "scipy"),
        ("from torch.distributions import kl_divergence as kl_of\ndef f(p): return kl_of(p)",
         "kl_divergence"),
        ("n = np\ndef f(x): return n.tanh(x)", "tanh"),
        ("def f(x):\n  n = np\n  g = n.tanh\n  return g(x)", "tanh"),
        ("def f(x, g=np.tanh): return g(x)", "tanh"),
        ("def f(x):\n  for m in (np, torch):\n    return m.tanh(x)", "tanh"),
        ("if True:\n  f = np.tanh", "tanh"),
        ("try:\n  g = np.tanh\nexcept ImportError: pass\ndef f(x): return g(x)", "tanh"),
        ("try:\n  from scipy.special import expit as g\nexcept ImportError:\n  def g(x): ...\n"
         "def f(x): return g(x)", "scipy"),
        ("with open('a'):\n  g = np.tanh\ndef f(x): return g(x)", "tanh"),
        ("(g := np.tanh)\ndef f(x): return g(x)", "tanh"),
        ("for g in [np.tanh]: pass\ndef f(x): return g(x)", "tanh"),
        ("match np:\n  case g: pass\ndef f(x): return g.tanh(x)", "tanh"),
        ("g = np.tanh\nh = g\ndef tanh(x): ...\ndef f(x): return h(x)", "tanh"),
        ("tools = {}\ntools['t'] = np.tanh\ndef f(x): return tools['t'](x)", "tanh"),
        ("class C:\n  def g(self, x): return np.tanh(x)\ndef f(x): return C().g(x)", "tanh"),
        ("class f:\n  g = staticmethod(np.tanh)", "tanh"),
        ("from numpy import *\ndef f(x): return tanh(x)", "tanh"),
        ("def f(x): return list(map(abs, x))", "map"),
        ("def f(x): return x.std()", "std"),
        ("def g(x): return x.std()\nf = lambda x: [g(x) for x in x]", "std"),
        ("import functools\ndef g(x): return x.std()\nf = functools.partial(g)", "std"),
        ("%%time\ndef f(x): return np.tanh(x)", "tanh"),
        ("def f(x):\n  def g(): return np.tanh(x)\n  return g()", "tanh"),
        ("f = np.tanh", "tanh"),
        ("def f(x): return np.tanh(x)" + " + 1" * 900, "tanh"),
        ("def f(x): return g(x)" + " + 1" * 900 + "\ndef g(x): return np.tanh(x)", "tanh"),
        ("a0 = np.tanh\n" + "".join(f"a{i + 1} = a{i}\n" for i in range(2000))
         + "def f(x): return a2000(x)", "tanh"),
        ("def f(x): return np.tanh(x)" + " + 1" * 5000, "tanh"),
    ],
)  # fmt: skip
def test_what_comes_from_a_library_is_found_by_any_name_and_in_any_place(cell, name):
    assert name in found(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "def convolve(x): return x\ndef f(x): return convolve(x)",
        "def tanh(n): return tanh(n - 1)\nf = tanh",
        "from numpy import tanh\ndef tanh(x): return x\ndef f(x): return tanh(x)",
        "import scipy\ndef f(x): return x",
        "def f(tanh): return tanh + 1",
        "def f(x):\n  std = x * 2\n  return std",
        "def f(x): return [map for map in x]",
        "class C:\n  def std(self): return 1\ndef f(x): return C().std()",
        "def g(x): return np.tanh(x)\ndef f(x): return x",
        "def f(x): return x\nprint(np.tanh(f(1)))",
        "def f(x): return 'np.tanh'  # np.tanh",
    ],
)
def test_a_learners_own_name_is_allowed_whatever_it_is(cell):
    assert found(cell) == []


@pytest.mark.parametrize(
    "cell",
    [
        "def f(x):\n  for a in x: pass",
        "def f(x):\n  while x: x -= 1",
        "def f(x): return [a for a in x]",
        "def f(x): return sum(a for a in x)",
        "def g(x): return {a for a in x}\ndef f(x): return g(x)",
        "f = lambda x: {a: a for a in x}",
        "if True:\n  def f(x):\n    if x:\n      with x:\n        for a in x: pass",
        f"def f(x): return {'-' * 3000}[a for a in x][0]",
        f"def f(x): return {'(' * 150}[a for a in x]{')' * 150}",
    ],
)
def test_a_loop_is_found_wherever_the_answer_has_it(cell):
    assert forbidden_names("f", as_python([cell]), (LOOPS,)) == [LOOPS]


def test_a_loop_elsewhere_is_nobodys():
    cells = ["for a in (1, 2): print(a)", "def g(x): return [a for a in x]", "def f(x): return x"]

    assert forbidden_names("f", as_python(cells), (LOOPS,)) == []


def test_a_later_cell_replaces_what_a_name_stood_for():
    own = "def tanh(x): return x"

    assert found("from numpy import tanh", own, "def f(x): return tanh(x)") == []
    assert found(own, "from numpy import tanh", "def f(x): return tanh(x)") == ["tanh"]


def test_the_names_that_an_answer_needs_are_its_helpers_too():
    cells = ["size = 3", "def g(x): return x * size", "def f(x): return g(x)", "def f(:"]

    assert names_used("f", cells) == {"g", "size"}
    assert defined_in(cells) == {"size", "g", "f"}


def test_cells_that_take_too_long_to_read_are_refused_in_time(monkeypatch):
    monkeypatch.setattr(names, "PROCESSOR_S", 2)
    started = time.monotonic()
    with pytest.raises(UnreadableError, match="fewer lines"):
        as_python(["%a\n" * 5000])

    assert time.monotonic() - started < 30
    assert as_python(["%time x = 1", "y = 2"])[1] == "y = 2"
