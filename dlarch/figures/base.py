"""What every figure has in common: its module's source, its markup on the site, its words in a terminal."""

from __future__ import annotations

import base64
import html
import json
from functools import cache
from pathlib import Path

import anywidget
import traitlets

FOLDER = Path(__file__).parent
SHARED = ("style", "elements", "figure", "controls", "charts", "networks")
"""Files of shared/ that stand before every figure's own text, in this order."""


@cache
def module_source(name: str) -> str:
    """Return the whole ES module of one figure, as JupyterLab and the site run it.

    The shared files come first; a picture `<name>.png` beside the module becomes the constant
    `asset`, a `data:` address.

    Args:
        name: a key of `dlarch.figures.FIGURES`, such as `"sliding_window"`.

    Returns:
        JavaScript that exports `defaults` and, by default, `{ render }`.

    Raises:
        ValueError: there is no such figure.
    """
    module = FOLDER / f"{name}.mjs"
    if not module.is_file():
        known = sorted(path.stem for path in FOLDER.glob("*.mjs"))
        raise ValueError(f"no figure named {name!r}; there are {', '.join(known)}")
    return f"{shared_source()}\n{own_source(name)}"


def shared_source() -> str:
    """Return what all figures share, as one text of JavaScript."""
    parts = (FOLDER / "shared" / f"{part}.mjs" for part in SHARED)
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)


def own_source(name: str) -> str:
    """Return a figure's own part of its module, with its picture."""
    source = (FOLDER / f"{name}.mjs").read_text(encoding="utf-8")
    picture = FOLDER / f"{name}.png"
    if not picture.is_file():
        return source
    encoded = base64.b64encode(picture.read_bytes()).decode()
    return f'const asset = "data:image/png;base64,{encoded}";\n\n{source}'


def figure_markup(name: str, state: dict | None = None, words: str = "") -> str:
    """Return the HTML that the site's loader turns into a living figure.

    Args:
        name: the figure's name.
        state: values of traits that differ from the module's `defaults`, JSON data.
        words: what is read where no script runs.

    Returns:
        `<div class="dlarch-figure" data-figure=… data-state=…><p>words</p></div>`.
    """
    encoded = html.escape(json.dumps(state or {}, sort_keys=True), quote=True)
    return (
        f'<div class="dlarch-figure" data-figure="{name}" data-state="{encoded}">'
        f"<p>{html.escape(words)}</p></div>"
    )


class Figure(anywidget.AnyWidget):
    """One figure: subclasses add `name`, `summary` and a trait for each of the module's `defaults`."""

    name = ""
    summary = ""

    def __init_subclass__(cls, **kwargs: object) -> None:
        if "name" in cls.__dict__:
            cls._esm = module_source(cls.name)
        super().__init_subclass__(**kwargs)

    def state(self) -> dict:
        """Return the traits that the module knows, by name, as JSON data."""
        return {trait: getattr(self, trait) for trait in self.trait_names(sync=True, figure=True)}

    def __str__(self) -> str:
        values = ", ".join(f"{trait} = {value}" for trait, value in sorted(self.state().items()))
        return f"{self.summary} Now: {values}."

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**kwargs)
        data["text/plain"] = str(self)
        data["text/html"] = figure_markup(self.name, self.state(), str(self))
        return data, metadata


def synced(trait: traitlets.TraitType) -> traitlets.TraitType:
    """Mark a trait as one of the module's `defaults`."""
    return trait.tag(sync=True, figure=True)
