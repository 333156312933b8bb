"""One self-contained page: the template engine, and a policy under which the browser loads nothing from anywhere.

Style and script stand in the page and are named by digest in its Content-Security-Policy, so text that slipped through
as markup could still not run, and ``style`` attributes do not apply (widths of bars are SVG attributes).
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reports import safe
from reports.punctuation import chinese

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
#: no text of a user needs more on a page
_LONGEST = 600


def render(template: str, *, script: str = "", **values: Any) -> str:
    """Render ``templates/<template>`` with the shared style and, when named, ``templates/<script>``."""
    style = _asset("page.css")
    code = _asset(script) if script else ""
    policy = "; ".join(
        [
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(code)}'" if code else "script-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return _environment().get_template(template).render(policy=policy, style=style, script=code, **values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    environment.filters["chinese"] = lambda text: chinese(_shown(text))
    environment.filters["line"] = _shown  # before a filter that cannot take every character, such as urlencode
    return environment


def _shown(value: Any) -> Any:
    """Every expression of every template passes here: no control, direction or surrogate character reaches a page."""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return safe.line(value, _LONGEST)
    return "" if value is None else value


@cache
def _asset(name: str) -> Any:
    from markupsafe import Markup

    return Markup((_TEMPLATES / name).read_text("utf-8"))


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
