"""A blank delivery workbook for a steward: one sheet a table, made from the contracts.

Headers, notes, drop-downs, formats and bounds follow from the contracts and the code
lists, the filled example from `example.yaml`. Nothing is written twice, so a new column
or code is in the next template without a line of code.

- The headers stand in row 1 and hold the words of the contract and nothing else: no star
  behind a required one, because a sheet saved as csv holds what its cells show.
- The example stands on a sheet of its own: no reader can take it for a delivered case,
  and nobody has to remember to remove it.
- Drop-downs show codes, because codes are what is stored. What they mean stands beside
  the selected cell, in the note of the header, or on the sheet of code lists.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from data_contracts.code_lists import CodeList, load_code_lists
from data_contracts.contract import Contract, load_contracts
from data_contracts.errors import WrongUse
from data_contracts.language import _
from data_contracts.writing import whole_file


def write_template(
    path: Path,
    *,
    made_on: date | None = None,
    contracts: Mapping[str, Contract] | None = None,
    code_lists: Mapping[str, CodeList] | None = None,
) -> None:
    """Write a blank delivery workbook, with instructions in the language of messages.

    The same contracts, code lists, language and day give the same bytes.

    Parameters
    ----------
    path : Path
        An `.xlsx` file that does not exist yet: a filled template is never overwritten.
    made_on : date, optional
        Day to print in the instructions.
    contracts, code_lists : mapping, optional
        By name; those of this edition when left out.

    Raises
    ------
    WrongUse
        If the name does not end in `.xlsx`, or something stands there already.
    """
    if path.suffix.lower() != ".xlsx":
        raise WrongUse(
            _("{name}: een sjabloon is een Excel-werkmap. Kies een naam die eindigt op .xlsx.", name=path.name)
        )
    if path.exists():
        raise WrongUse(
            _(
                "{name} bestaat al en kan gegevens bevatten; er is niets geschreven. Kies een andere naam.",
                name=path.name,
            )
        )
    from data_contracts.template.sheets import write_sheets  # loads XlsxWriter: where it is used

    with whole_file(path) as work:
        write_sheets(work, contracts or load_contracts(), code_lists or load_code_lists(), made_on)
