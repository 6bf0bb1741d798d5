"""An instructor's own test cell, run apart from the learner's code: what the learner wrote is remote here."""

import ast
import builtins
from collections.abc import Callable

from dlarch.plain import PlainData

Ask = Callable[[dict[str, PlainData]], dict[str, PlainData]]


class Remote:
    """A function that runs elsewhere: a call goes there, and plain data comes back."""

    def __init__(self, name: str, ask: Ask) -> None:
        self.__name__, self._ask = name, ask

    def __call__(self, *positional: PlainData, **keyword: PlainData) -> PlainData:
        """Call the function where it is.

        Raises:
            Exception: of the type that was raised there, where Python has it.
        """
        return self.ask(call=self.__name__, positional=list(positional), keyword=keyword)

    def ask(self, **question: PlainData) -> PlainData:
        """Ask the other side, and give the value that it sends or raise what it raised."""
        answer = self._ask(question)
        if answer["error"] is None:
            return answer["value"]
        kind = getattr(builtins, answer["error"], None)
        ends_loops = (StopIteration, StopAsyncIteration)
        if isinstance(kind, type) and issubclass(kind, Exception) and kind not in ends_loops:
            raise kind(answer["detail"])
        raise RuntimeError(f"{answer['error']}: {answer['detail']}")


def examine(
    ask: Ask, set_up: list[str], source: str, functions: list[str], data: dict[str, PlainData]
) -> dict[str, PlainData]:
    """Run a test cell.

    Args:
        ask: sends a call to the learner's process and gives its answer.
        set_up: the master's set-up cells, as released.
        source: the test cell, with its hidden tests.
        functions: names of the learner's functions that it uses; names of Python's own and of the
            set-up keep their meaning.
        data: the learner's other values that it uses.

    Returns:
        `error` and `detail` of what it raised, or None; the text of a library's exception is left out,
        for it may hold what a hidden test expects; `score`, the number that its last line gave.
    """
    namespace: dict[str, object] = {"__name__": "__main__"}
    try:
        for cell in set_up:
            exec(compile(cell, "set-up", "exec"), namespace)
        answers = {name: Remote(name, ask) for name in functions} | data
        for name in answers.keys() - namespace.keys() - vars(builtins).keys():
            namespace[name] = answers[name]
        tree = ast.parse(source)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = ast.Expression(tree.body.pop().value)
        exec(compile(tree, "test", "exec"), namespace)
        score = None if last is None else eval(compile(last, "test", "eval"), namespace)
    except BaseException as error:
        detail = str(error)[:300] if _may_be_told(error) else ""
        return {"error": type(error).__name__, "detail": detail, "score": None}
    is_score = isinstance(score, int | float) and not isinstance(score, bool)
    return {"error": None, "detail": "", "score": float(score) if is_score else None}


def _may_be_told(error: BaseException) -> bool:
    """Say whether an exception's text is an assertion's own, or came from the learner's function."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    code = None if place is None else place.tb_frame.f_code
    if code is Remote.ask.__code__:
        return True
    asserted = code is not None and code.co_filename in ("set-up", "test")
    return isinstance(error, AssertionError) and asserted
