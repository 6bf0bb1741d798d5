"""Drivers of chapter 06: a training that follows a script, and models that are fitted in closed form."""

from collections.abc import Callable

import numpy as np

from dlarch.plain import PlainData


class ScriptedTraining:
    """A training whose changes and validation errors are known beforehand."""

    def __init__(
        self,
        parameters: list[np.ndarray],
        changes: list[list[np.ndarray]],
        errors: np.ndarray,
        max_epochs: int,
    ) -> None:
        self.changes = changes
        self.errors = errors
        self.max_epochs = max_epochs
        self.epochs = 0
        self.path = [[array.copy() for array in parameters]]
        """The parameters after each epoch, from 0 on."""

    def train_one_epoch(self, parameters: list[np.ndarray]) -> list[np.ndarray]:
        """Change the arrays of the list in place, as an optimiser does, and give the list back.

        Raises:
            RuntimeError: more than max_epochs epochs.
        """
        if self.epochs == self.max_epochs:
            raise RuntimeError(
                f"train_one_epoch was called more often than max_epochs = {self.max_epochs}"
            )
        for array, change in zip(parameters, self.changes[self.epochs], strict=True):
            array += change
        self.epochs += 1
        self.path.append([array.copy() for array in parameters])
        return parameters

    def validation_error(self, parameters: list[np.ndarray]) -> float:
        """Give the error that the script has for these parameters.

        Raises:
            ValueError: the training never had such parameters.
        """
        for epoch in range(self.epochs, -1, -1):
            if all(map(np.array_equal, parameters, self.path[epoch])):
                return float(self.errors[epoch])
        raise ValueError("validation_error got parameters that the training never had")


def scripted_training(
    function: Callable,
    parameters: list[np.ndarray],
    changes: list[list[np.ndarray]],
    errors: np.ndarray,
    patience: int,
    max_epochs: int,
) -> dict[str, PlainData]:
    """Let `function` train with early stopping, where each epoch does what the script says.

    Args:
        function: the learner's function; gets train_one_epoch, validation_error, parameters, patience and
            max_epochs, and returns the best parameters and the number of their epoch.
        parameters: arrays at the start.
        changes: what each epoch adds to them.
        errors: validation error after each epoch, from 0 (the start) on.
        patience, max_epochs: as the learner's function takes them.

    Returns:
        `result`, what the function returned, and `epochs`, the number of epochs that were trained.
    """
    training = ScriptedTraining(parameters, changes, errors, max_epochs)
    result = function(
        train_one_epoch=training.train_one_epoch,
        validation_error=training.validation_error,
        parameters=parameters,
        patience=patience,
        max_epochs=max_epochs,
    )
    return {"result": result, "epochs": training.epochs}


def fitted_polynomials(function: Callable, degree: int, **arguments: PlainData) -> PlainData:
    """Call `function(fit=..., **arguments)` with a `fit` that gives polynomials of one input.

    w = argmin Σ_n ‖t_n − Σ_d w_d x_n^d‖² + 10⁻³ ‖w‖²

    Args:
        function: the learner's function.
        degree: of the polynomials.
        arguments: its other arguments; inputs are arrays (N,), targets (N,) or (N, K).
    """

    def fit(x: np.ndarray, t: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        if len(x) != len(t):
            raise ValueError(f"fit got {len(x)} inputs and {len(t)} targets")
        powers = np.vander(x, degree + 1)
        w = np.linalg.solve(powers.T @ powers + 1e-3 * np.eye(degree + 1), powers.T @ t)
        return lambda x: np.vander(x, degree + 1) @ w

    return function(fit=fit, **arguments)
