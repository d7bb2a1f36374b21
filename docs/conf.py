"""The configuration of Sphinx; ``nox -s docs`` builds the documentation."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import TYPE_CHECKING

from sphinx.addnodes import pending_xref
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.nodes import find_pending_xref_condition

import gradient_async
import gradient_async.emulator
import gradient_sync
from gradient_async import __version__

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

project = "gradient-async"
author = "The gradient-async maintainers"
copyright = "The gradient-async maintainers, Apache License 2.0"  # noqa: A001 - the name that Sphinx reads
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["_build"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# Docstrings have code between single backticks too.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
python_use_unqualified_type_names = True
maximum_signature_line_length = 88
toc_object_entries_show_parents = "hide"

copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

html_theme = "furo"
html_title = f"gradient-async {__version__}"
html_static_path = ["_static"]
html_css_files = ["page.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}


def _public_name(name: str, page: str) -> str | None:
    """Return the documented name of an annotation, as seen from one page."""
    packages = {"api/emulator": [gradient_async.emulator], "api/sync": [gradient_sync, gradient_async]}
    for package in packages.get(page, [gradient_async]):
        value = getattr(package, name, None)
        is_its_own = getattr(value, "__module__", package.__name__).startswith(f"{package.__name__}.")
        if name in package.__all__ and (is_its_own or package is gradient_async):
            return f"{package.__name__}.{name}"
    return None


def _link_annotations(app: Sphinx, doctree: nodes.document) -> None:
    """Link the names in signatures to their own pages.

    ``Action`` is a class of the SDK and of the emulator, and ``type`` is a field of many classes. Annotations have only
    the short name, and Sphinx would link to any object with this name.
    """
    for reference in list(doctree.findall(pending_xref)):
        if reference.get("refdomain") != "py" or "." in reference["reftarget"]:
            continue
        name = _public_name(reference["reftarget"], app.env.docname)
        if name is None:
            shown = find_pending_xref_condition(reference, "resolved") or reference
            reference.replace_self(shown.children)
        else:
            reference["reftarget"] = name
            reference["refspecific"] = False


def _hide_inner_arguments(*event: object) -> tuple[str, None] | None:
    """Hide the constructor arguments of resources: only a client makes them."""
    _, what, _, _, _, signature, _ = event
    is_inner = what == "class" and re.match(r"\((sender|source|resource|actions|method)[:,]", str(signature))
    return ("", None) if is_inner else None


def _forget_overloads(_app: Sphinx) -> None:
    """Show one signature of ``initiate``: readers need only the parameters, and not the 17 overloads."""
    for package in (gradient_async, gradient_sync):
        resources = importlib.import_module(f"{package.__name__}.resources")
        for module in pkgutil.walk_packages(resources.__path__, f"{resources.__name__}."):
            analyzer = ModuleAnalyzer.for_module(module.name)
            analyzer.analyze()
            analyzer.overloads.clear()


def setup(app: Sphinx) -> None:
    """Connect the functions above. Sphinx calls this."""
    app.connect("builder-inited", _forget_overloads)
    app.connect("autodoc-process-signature", _hide_inner_arguments)
    app.connect("doctree-read", _link_annotations)
