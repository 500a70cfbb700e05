"""Exports of internal-investigation case files, checked against their contracts.

The three functions a notebook needs; `README.md` beside this file is the guide.

>>> from data_contracts import read_delivery, check   # doctest: +SKIP
>>> report, case_files = check(read_delivery(Path("levering.xlsx")))   # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_contracts.case_files import CaseFiles
    from data_contracts.checking import check
    from data_contracts.delivery import read_delivery
    from data_contracts.mapping.format import load_mapping

__all__ = ["CaseFiles", "check", "load_mapping", "read_delivery"]

_HOMES = {"CaseFiles": "case_files", "check": "checking", "read_delivery": "delivery", "load_mapping": "mapping.format"}


def __getattr__(name: str) -> Any:
    """Import on first use: pandas and Great Expectations are slow, `--help` is not."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"data_contracts.{_HOMES[name]}"), name)
