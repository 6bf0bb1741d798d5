"""IPython's own syntax taken out of cells; a few hundred lines can take minutes, so `limited` does it."""

from IPython.core.inputtransformer2 import TransformerManager


def as_python(sources: list[str]) -> list[str]:
    """Write cells as the kernel runs them; whatever is not Python defines nothing.

    Args:
        sources: the cells.
    """
    return [_transformed(source) for source in sources]


def _transformed(source: str) -> str:
    try:
        return TransformerManager().transform_cell(source)
    except Exception:  # whatever it meets in a text that is no Python
        return ""
