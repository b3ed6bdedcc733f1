"""Sphinx settings of the course's pages, which `course site` writes and then builds with these."""

from docutils import nodes

import course_utils
from course_utils.authoring.site.docstrings import as_rest

project = "GANs, hands on"
author = "The GAN course authors"
copyright = f"{author}. Text and pictures: CC BY 4.0, code: MIT"
release = version = course_utils.__version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.githubpages"]
nb_execution_mode = "off"  # pages show the outputs that the solutions hold
nb_merge_streams = True
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
default_role = "code"  # docstrings write `name` as Markdown does
autodoc_member_order = "bysource"
autodoc_inherit_docstrings = False  # what PyTorch says of `forward` is not ours
autodoc_typehints_format = "short"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
add_module_names = False

html_theme = "furo"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_title = project
templates_path = ["templates"]
html_static_path = ["static", "../../course_utils/authoring/vendor/katex"]
html_css_files = ["katex.min.css", "site.css"]
html_js_files = ["katex.min.js", "site.js"]
html_math_renderer = "katex"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#005a96", "color-brand-content": "#005a96"},
    "dark_css_variables": {"color-brand-primary": "#7cc4f5", "color-brand-content": "#7cc4f5"},
}


def formula(kind, tag):
    """A visitor that leaves TeX in the page, where site.js has KaTeX set it: nothing comes from a network."""

    def visit(writer, node):
        text = writer.encode(node.astext()).strip()
        writer.body.append(f'<{tag} class="math notranslate nohighlight {kind}">{text}</{tag}>')
        raise nodes.SkipNode

    return visit


def setup(app):
    app.add_html_math_renderer("katex", (formula("inline", "span"), None), (formula("display", "div"), None))
    app.connect("autodoc-process-docstring", as_rest)
