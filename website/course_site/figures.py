"""Interactive figures: the `figure-live` directive, and the modules that the page's loader runs."""

import json
import re
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxTranslator
from sphinx.writers.html5 import HTML5Translator

import dlarch.figures
from dlarch.figures import FIGURES
from dlarch.figures.base import module_source, own_source, shared_source


class LiveFigure(nodes.General, nodes.Element):
    """The place of a running figure: attributes `name`, `state` (JSON text) and `alt`."""


class FigureLiveDirective(SphinxDirective):
    """A figure that runs in the reader's browser, with a caption and a text alternative.

    Argument: a name in dlarch.figures.FIGURES. Options: `state`, a JSON object that overrides the
    module's defaults; `alt`, what the figure shows, in words; `name`, its label. Content: the caption, which
    stands above the figure, because it asks the question that the figure answers.
    """

    required_arguments = 1
    has_content = True
    option_spec = {
        "state": directives.unchanged,
        "alt": directives.unchanged_required,
        "name": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        """Return a figure with its caption, or an error that says what is wrong with the options."""
        self.assert_has_content()
        name = self.arguments[0]
        if name not in FIGURES:
            raise self.error(f"no interactive figure {name!r}; there are {', '.join(FIGURES)}")
        if not self.options.get("alt"):
            raise self.error(f"{name}: say in :alt: what the figure shows")
        try:
            state = json.loads(self.options.get("state") or "{}")
        except json.JSONDecodeError as error:
            raise self.error(f"{name}: :state: is not JSON: {error}") from None
        traits = getattr(dlarch.figures, FIGURES[name]).class_trait_names(figure=True)
        if not isinstance(state, dict) or not set(state) <= set(traits):
            raise self.error(f"{name}: :state: is an object with keys from {', '.join(traits)}")

        figure = nodes.figure(classes=["figure-live"])
        self.set_source_info(figure)
        self.add_name(figure)
        text = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, text)
        first, *rest = text.children
        if not isinstance(first, nodes.paragraph):
            raise self.error(f"{name}: the content must start with the caption")
        figure += nodes.caption(first.rawsource, "", *first.children)
        figure += LiveFigure(name=name, state=json.dumps(state), alt=self.options["alt"])
        if rest:
            figure += nodes.legend("", *rest)
        return [figure]


def visit_html(self: HTML5Translator, node: LiveFigure) -> None:
    """Write what live_figures.js looks for, and the text alternative after it."""
    data = {"data-figure": node["name"], "data-state": node["state"]}
    self.body.append(
        self.starttag(node, "div", "", CLASS="dlarch-figure", **data)
        + f'</div>\n<p class="live-alt">{self.encode(node["alt"])}'
        + "<noscript> (JavaScript draws the interactive figure.)</noscript></p>\n"
    )
    raise nodes.SkipNode


def visit_text(self: SphinxTranslator, node: LiveFigure) -> None:
    """Every other builder prints the text alternative."""
    paragraph = nodes.paragraph(node["alt"], node["alt"])
    paragraph.parent = node.parent
    paragraph.walkabout(self)
    raise nodes.SkipNode


def import_of(names: list[str], source: str) -> str:
    """Return the statement that imports those of the shared names which a figure's source uses."""
    used = set(re.findall(r"\w+", source))
    return (
        f'import {{ {", ".join(name for name in names if name in used)} }} from "./shared.mjs";\n'
    )


def write_modules(app: Sphinx, exception: Exception | None) -> None:
    """Put every figure in the site, as a module and, for pages opened from a disk, as a script.

    What figures share is a module of its own, so that a page with many figures loads it once.
    """
    if exception or app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static", "figures")
    folder.mkdir(parents=True, exist_ok=True)
    shared = shared_source()
    names = re.findall(r"^(?:async )?(?:function|const) (\w+)", shared, re.MULTILINE)
    exports = f"{shared}\nexport {{ {', '.join(names)} }};\n"
    (folder / "shared.mjs").write_text(exports, encoding="utf-8")
    for name in FIGURES:
        own = own_source(name)
        script = (
            f"(globalThis.figureSources ??= {{}}).{name} = {json.dumps(module_source(name))};\n"
        )
        (folder / f"{name}.mjs").write_text(import_of(names, own) + own, encoding="utf-8")
        (folder / f"{name}.js").write_text(script, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Register the directive, its node and the loader; write the modules after the build."""
    app.add_node(
        LiveFigure,
        html=(visit_html, None),
        **dict.fromkeys(("latex", "text", "man", "texinfo"), (visit_text, None)),
    )
    app.add_directive("figure-live", FigureLiveDirective)
    app.add_js_file("live_figures.js", loading_method="defer")
    app.connect("build-finished", write_modules)
