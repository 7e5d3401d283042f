"""What the site needs of Sphinx beside what it has: docstrings, names, and equations without a request."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any, get_origin

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.ext import intersphinx

from website import docstrings, reference

_Translator = Any
OURS = {*reference.PACKAGES}
SHORT = {
    "EntryPoint": "importlib.metadata.EntryPoint",
    "Space": "gymnasium.spaces.Space",
    "AutoresetMode": "gymnasium.vector.AutoresetMode",
    "Path": "pathlib.Path",
    "Tensor": "torch.Tensor",
    "VectorEnv": "gymnasium.vector.VectorEnv",
    "nn.Module": "torch.nn.Module",
    "np.random.Generator": "numpy.random.Generator",
    "spaces.Discrete": "gymnasium.spaces.Discrete",
    "spaces.Space": "gymnasium.spaces.Space",
}
"""What stands in hints that are read as text, since a part of them is there for type checkers alone."""
INNER = {
    *("Activation", "Cell", "Config", "Console", "Criterion", "Device", "Event", "Figure", "Loader"),
    *("MakeEnv", "NetArch", "OffersOverlays", "Padding", "Recorder", "Root", "Rows"),
    *("Rule", "Shape", "Source", "State", "Transform", "Warn", "Window"),
}
"""Names in such hints that are not public: they stay code without a link."""


def read_docstring(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Turn a docstring into reStructuredText; a value does not say what its type does."""
    of_type = (get_origin(thing) or type(thing)).__doc__
    is_of_type = isinstance(of_type, str) and "\n".join(lines).strip() == cleandoc(of_type)
    lines[:] = [] if is_of_type else docstrings.as_rest(lines)


def find_name(
    app: Sphinx, env: BuildEnvironment, node: Any, text: nodes.TextElement
) -> nodes.reference | nodes.TextElement | None:
    """Lead from where something is defined to where the reference has it.

    What a signature mentions and is not public stays code without a link: it is there, and may change.
    """
    target = node.get("reftarget", "")
    if target in INNER or target.startswith("numpy._typing"):
        return text
    if target in SHORT:
        node["reftarget"] = SHORT[target]
        return intersphinx.resolve_reference_detect_inventory(env, node, text)
    if node.get("refdomain") != "py" or target.partition(".")[0] not in OURS:
        return None
    home = app.public_names.get(target)  # type: ignore[attr-defined]
    if home and home != target:
        python = env.get_domain("py")
        return python.resolve_xref(env, node["refdoc"], app.builder, "obj", home, node, text)
    return None if home or not reference.is_there(target) else text


def write_inline(translator: _Translator, node: nodes.math) -> None:
    """An equation in a line, as MathML, which browsers draw themselves."""
    translator.body.append(tex2mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def write_block(translator: _Translator, node: nodes.math_block) -> None:
    """An equation on lines of its own."""
    equation = tex2mathml(node.astext(), as_block=True)
    translator.body.append(f'<div class="math" tabindex="0">{equation}</div>\n')
    raise nodes.SkipNode


READABLE = {
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="The site">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="This page">',
    "<pre>": '<pre tabindex="0">',
    '<div id="search-results">': '<h1>Search</h1><div id="search-results">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
}
"""What the theme writes, and what people who use a keyboard or a screen reader need."""


def make_readable(app: Sphinx, error: Exception | None) -> None:
    """Let everything that scrolls be scrolled by the keyboard, and every part of a page have a name."""
    if error is None and app.builder.format == "html":
        for path in app.outdir.rglob("*.html"):
            text = old = path.read_text("utf-8")
            for written, needed in READABLE.items():
                text = text.replace(written, needed)
            if text != old:
                path.write_text(text, "utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx."""
    app.public_names = reference.public_names()  # type: ignore[attr-defined]
    app.connect("autodoc-process-docstring", read_docstring, priority=100)
    app.connect("missing-reference", find_name)
    app.connect("build-finished", make_readable)
    app.add_html_math_renderer("mathml", (write_inline, None), (write_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
