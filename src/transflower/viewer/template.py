"""Built templates of ``web/``, filled with what they show."""

import base64
import json
from collections.abc import Iterable
from html import escape
from typing import Any


def filled(template: str, *, title: str, elements: Iterable[str]) -> str:
    """A page: a template with its title, and the elements that hold data."""
    parts = "\n".join(elements)
    # The data last: what they hold is never taken for a mark.
    head, tail = template.split("@DATA@", 1)
    head = head.replace("@TITLE@", escape(title))
    # Names of files may hold what is no text, and is no UTF-8.
    return f"{head}{parts}{tail}".encode(errors="replace").decode()


def json_element(name: str, data: Any) -> str:
    """An element that holds plain values."""
    # "<" could end the element.
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{text}</script>'


def bytes_element(name: str, content: bytes) -> str:
    """An element that holds a file."""
    return f'<script type="application/octet-stream" id="{name}">{base64.b64encode(content).decode()}</script>'
