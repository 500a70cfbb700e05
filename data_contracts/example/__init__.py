"""A synthetic national delivery with a planted truth, for trying out and for testing.

Nothing in it is real: the units are those of the code list, every number is drawn.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from data_contracts.errors import WrongUse
from data_contracts.example.defects import DEFECTS, DEFECTS_STREAM, plant_defects
from data_contracts.example.plan import DELIVERING_UNITS, draw_plan
from data_contracts.example.tables import draw_tables
from data_contracts.example.truth import planted_truth
from data_contracts.example.workbooks import TRUTH, delivered_parts, workbook_name, write_truth, write_workbook
from data_contracts.language import _
from data_contracts.writing import write_json


def example_tables(*, seed: int, cases_per_year: int) -> tuple[dict[str, pd.DataFrame], dict]:
    """Return the canonical tables of a synthetic national delivery, and its planted truth.

    The history of every case is drawn to its end; the tables show what a register knows
    of it at the extraction moment, so a case that ends later is open.

    Parameters
    ----------
    seed : int
        Seed of the one generator behind all draws; the same seed gives the same tables.
    cases_per_year : int
        Disciplinary investigations opened a year, on average over 2016-2025. Signals,
        exploratory investigations and complaints follow in proportion (3.2, 0.3 and 0.5).

    Returns
    -------
    tables : dict of DataFrame
        All ten tables, columns and types as in `CaseFiles`.
    truth : dict
        What was planted, as plain data: models, effects by unit, probabilities.

    Raises
    ------
    WrongUse
        If `seed` is negative or `cases_per_year` is not at least 1.
    """
    if seed < 0:
        raise WrongUse(_("Het startgetal moet nul of groter zijn, niet {seed}.", seed=seed))
    if cases_per_year < 1:
        raise WrongUse(_("Het aantal onderzoeken per jaar moet ten minste 1 zijn, niet {cases}.", cases=cases_per_year))
    rng = np.random.default_rng(seed)
    plan = draw_plan(cases_per_year, rng)
    return draw_tables(plan, rng), planted_truth(plan, seed=seed)


def write_example(folder: Path, *, seed: int, cases_per_year: int, defects: Sequence[str] = ()) -> list[Path]:
    """Write the example as one workbook a delivering unit, with `waarheid.json` beside them.

    Parameters
    ----------
    folder : Path
        Made when it does not exist; files of an earlier example are overwritten.
    seed, cases_per_year : int
        As for `example_tables`.
    defects : sequence of str
        Kinds of `data_contracts.example.defects.KINDS` to plant; `gebreken.json` then says
        where each stands. The rest of the example is the same as without defects.

    Returns
    -------
    list of Path
        The workbooks, in the order of the delivery records; the truth is not a delivery.
    """
    tables, truth = example_tables(seed=seed, cases_per_year=cases_per_year)
    folder.mkdir(parents=True, exist_ok=True)
    parts = delivered_parts(tables)
    changes, labels = plant_defects(parts, defects, np.random.default_rng([seed, DEFECTS_STREAM]))
    paths = []
    for unit in DELIVERING_UNITS:
        path = folder / workbook_name(unit)
        write_workbook(path, parts[unit], changes[unit])
        paths.append(path)
    if defects:
        write_json(labels.to_dict("records"), folder / DEFECTS)  # not csv: a folder is read with its csv files
    write_truth(folder / TRUTH, truth)
    return paths
