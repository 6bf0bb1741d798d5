"""An earlier function of the learner's that failed, given right: calls of it go to the checker.

Values come back, and where torch asks for gradients, cotangents go out and come back pulled to the arguments.
Of models and optimisers, states go out and come back.
"""

import sys

from examiner import Remote

from dlarch.plain import PlainData, clone


class Given(Remote):
    """A right function in the place of the learner's."""

    def __call__(self, *positional: PlainData, **keyword: PlainData) -> PlainData:
        """Call the function where it is; a result depends on its arguments as torch's own would."""
        arguments = (*positional, *keyword.values())
        torch = sys.modules.get("torch")
        if torch is not None and _has_objects(arguments):
            return self._with_objects(positional, keyword)
        if torch is None or not (
            torch.is_grad_enabled()
            and any(torch.is_tensor(item) and item.requires_grad for item in arguments)
        ):
            return super().__call__(*positional, **keyword)
        return _pulled_back(torch).apply(self, tuple(keyword), *arguments)

    def _with_objects(
        self, positional: tuple[object, ...], keyword: dict[str, object]
    ) -> PlainData:
        """Call the function with models and optimisers, and change these as it changed them there."""
        from dlarch import objects

        arguments = [*positional, *keyword.values()]
        try:
            packed = objects.pack(arguments)
        except TypeError:  # of another kind: the checker refuses what is no plain data
            return super().__call__(*positional, **keyword)
        count = len(positional)
        came = self.ask(
            call=self.__name__,
            positional=packed[:count],
            keyword=dict(zip(keyword, packed[count:], strict=True)),
        )
        objects.restore(arguments, came["states"])
        return came["value"]


def _has_objects(arguments: tuple[object, ...]) -> bool:
    from dlarch import objects

    return any(map(objects.is_object, arguments))


def _pulled_back(torch: object) -> type:
    """Make the function's place in torch's graph: torch is not there for every task."""

    class PulledBack(torch.autograd.Function):
        @staticmethod
        def forward(
            context: object, given: Given, names: tuple[str, ...], *arguments: PlainData
        ) -> PlainData:
            count = len(arguments) - len(names)
            context.given, context.arguments = given, clone(arguments)
            context.split = lambda items: {
                "positional": list(items[:count]),
                "keyword": dict(zip(names, items[count:], strict=True)),
            }
            return given.ask(call=given.__name__, **context.split(context.arguments))

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(context: object, *cotangents: PlainData) -> tuple:
            gradients = context.given.ask(
                pull_back=context.given.__name__,
                cotangents=list(cotangents),
                **context.split(context.arguments),
            )
            return None, None, *gradients

    return PulledBack
