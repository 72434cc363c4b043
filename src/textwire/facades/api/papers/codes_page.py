"""/api/docs/errors: every stable code with its meaning and the way out, as a page that needs no script."""

import re
from html import escape
from typing import Final

from textwire.facades.api.codes import Code, catalogue

_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Codes – Textwire API</title>
<link rel="stylesheet" href="/api/docs/page.css">
</head>
<body>
<header class="top"><a class="home" href="/api/docs">Textwire <span>API</span></a></header>
<main class="codes">
<h1>Codes</h1>
<p>A call that is refused answers with a problem document (RFC 9457). Its <code>code</code> is stable and for programs,
its <code>type</code> leads to this page, its <code>detail</code> is for people and may change. <code>errors</code> names the
field at fault, if it is one. A refused call has changed nothing.</p>
{entries}
</main>
</body>
</html>
"""
_CODE: Final = re.compile("`([^`]+)`")
_ENTRY: Final = """\
<article id="{code}">
<h3><b class="status bad">{status}</b> <a href="#{code}"><code>{code}</code></a></h3>
<p>{meaning}</p>
<p class="quiet">{way_out}</p>
</article>"""


def page() -> str:
    """The page."""
    return _PAGE.format(entries="\n".join(_entry(one) for one in catalogue()))


def _entry(one: Code) -> str:
    said = {name: _marked(str(getattr(one, name))) for name in one.__struct_fields__}
    return _ENTRY.format(**said)


def _marked(text: str) -> str:
    """The text with its words of code as such; nothing else in it is markup."""
    return _CODE.sub(r"<code>\1</code>", escape(text))
