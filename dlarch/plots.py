"""The notebooks' plots: labelled axes in one style, curves that grow during training, grids of images."""

import sys

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's colours, which colour-blind readers tell apart."""


def labelled_axes(x_label: str, y_label: str, title: str = "") -> Axes:
    """Make one plot with labelled axes and the course's colours.

    Args:
        x_label: what runs along the horizontal axis, with its unit.
        y_label: the same of the vertical axis.
        title: what the plot shows.
    """
    axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")[1]
    axes.set(xlabel=x_label, ylabel=y_label, title=title)
    axes.set_prop_cycle(color=COLOURS)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


class LiveCurve:
    """Curves that grow while something trains: in Jupyter the plot is redrawn, in a script it is drawn once.

    curve = LiveCurve("updates", "loss (nats)", "training", "test")
    curve.add(100, training=0.7, test=0.9)
    curve.close()
    """

    def __init__(self, x_label: str, y_label: str, *names: str, title: str = "") -> None:
        self.axes = labelled_axes(x_label, y_label, title)
        self.points: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in names}
        self.lines = {name: self.axes.plot([], [], label=name)[0] for name in names}
        if len(names) > 1:
            self.axes.legend(frameon=False)
        self.handle = None
        if "IPython" in sys.modules and sys.modules["IPython"].get_ipython() is not None:
            from IPython.display import display

            self.handle = display(self.axes.figure, display_id=True)

    def add(self, x: float, **values: float) -> None:
        """Add one point to the named curves and redraw."""
        for name, value in values.items():
            self.points[name][0].append(x)
            self.points[name][1].append(float(value))
            self.lines[name].set_data(*self.points[name])
        self.axes.relim()
        self.axes.autoscale_view()
        if self.handle is not None:
            self.handle.update(self.axes.figure)

    def close(self) -> None:
        """Keep the last drawing, so that the cell does not show the plot a second time."""
        if self.handle is not None:
            self.handle.update(self.axes.figure)
            plt.close(self.axes.figure)


def image_grid(images: np.ndarray, titles: list[str] | None = None, columns: int = 10) -> Figure:
    """Show grey images in rows.

    Args:
        images: (N, H, W); each is shown from its own darkest to its own brightest value.
        titles: one for each image.
        columns: images in a row.
    """
    rows = -(-len(images) // columns)
    figure, places = plt.subplots(
        rows,
        columns,
        figsize=(0.8 * columns, (1.0 if titles else 0.8) * rows),
        layout="constrained",
    )
    for place in np.ravel(places):
        place.axis("off")
    for index, (place, image) in enumerate(zip(np.ravel(places), images, strict=False)):
        place.imshow(image, cmap="gray")
        if titles:
            place.set_title(titles[index], fontsize=8)
    return figure
