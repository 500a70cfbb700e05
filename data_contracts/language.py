"""The language of messages: Dutch in the source, English from a gettext catalogue.

The Dutch sentence is the message id, so a reader of the code sees what the steward
sees. The English catalogue is `locale/en.po`; a test extracts every message and fails
when one has no translation. The catalogue is compiled in memory, when English is asked
for, so no binary file has to be kept in step.
"""

import gettext
import io
import os
from functools import cache
from pathlib import Path

LANGUAGES = ("nl", "en")
_chosen: str | None = None


def language() -> str:
    """Return the language of messages: `use_language`, else `LANG`, else Dutch."""
    if _chosen:
        return _chosen
    return "en" if os.environ.get("LANG", "").lower().startswith("en") else "nl"


def use_language(code: str | None) -> None:
    """Set the language of all further messages (`nl`, `en`, or None for `LANG`)."""
    global _chosen
    _chosen = code


@cache
def _english() -> gettext.NullTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with (Path(__file__).parent / "locale" / "en.po").open("rb") as catalogue:
        write_mo(compiled, read_po(catalogue, locale="en"))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _(message: str, /, **values: object) -> str:
    """Return `message` in the language of messages, with `values` filled in.

    Examples
    --------
    >>> use_language("nl"); _("{n} regels gelezen", n=3)
    '3 regels gelezen'
    """
    text = _english().gettext(message) if language() == "en" else message
    return text.format(**values) if values else text
