"""The signature of a task, `name(x: (N, D) float64, …) -> y: (N,) float64`, read."""

import re


def parameters(signature: str) -> tuple[str, ...]:
    """List the names of the parameters.

    Args:
        signature: as an exercise declares it.

    Raises:
        ValueError: there is no `name(…)` at its start.
    """
    match = re.match(r"\w+\(", signature)
    if not match:
        raise ValueError(f"expected a signature `name(x: shape) -> y: shape`, got {signature!r}")
    return _names(_balanced(signature[match.end() :]))


def results(signature: str) -> tuple[str, ...]:
    """List the names of the results; those of a signature that names none are one, `result`."""
    match = re.match(r"\w+\(", signature)
    rest = signature[match.end() + len(_balanced(signature[match.end() :])) + 1 :] if match else ""
    _, arrow, text = rest.partition("->")
    return (_names(text) if arrow and ":" in text else ()) or ("result",)


def _balanced(text: str) -> str:
    """Give the text up to the parenthesis that closes it."""
    depth = 1
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return text[:place]
    raise ValueError(f"expected a closing parenthesis in {text!r}")


def _names(text: str) -> tuple[str, ...]:
    """Give the names at the start of each piece between commas outside parentheses."""
    bare = text
    while re.search(r"\([^()]*\)", bare):
        bare = re.sub(r"\([^()]*\)", "", bare)
    pieces = [piece.strip() for piece in bare.split(",")]
    return tuple(
        match[0] for piece in pieces if (match := re.match(r"[A-Za-z_]\w*(?=\s*:|$)", piece))
    )
