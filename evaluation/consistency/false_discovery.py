"""Many comparisons at once: of all units and indicators that stand out, how many would by chance.

With 13 units and 8 indicators, five of a hundred comparisons stand out at 5 % when no
unit differs. The Benjamini-Hochberg rule keeps the expected share of false alarms among
what is named below a rate.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from statsmodels.stats.multitest import multipletests

from data_contracts.errors import WrongUse
from data_contracts.language import _

METHODS = {"benjamini_hochberg": "fdr_bh", "benjamini_yekutieli": "fdr_by", "holm": "holm", "bonferroni": "bonferroni"}


@dataclass(frozen=True, eq=False)
class FalseDiscovery:
    """Which of many comparisons stand out.

    Parameters
    ----------
    table : DataFrame
        A row a comparison that has a p-value, in the order given: `comparison`, `p_value`,
        and for each method of `METHODS` its adjusted p-value and, `<method>_stands_out`,
        whether that is at most the rate. Benjamini-Hochberg is the one to quote; it holds
        for independent comparisons and such as go together; Benjamini-Yekutieli holds always.
    stand_out : dict
        Method -> how many.
    expected_by_chance : float
        Rate times comparisons: how many would stand out one by one if nothing differed.
    alone : int
        How many stand out one by one.
    comparisons, refused : int
        With and without a p-value; a comparison that was refused is not a comparison made.
    rate : float
    """

    table: pd.DataFrame
    stand_out: dict[str, int]
    expected_by_chance: float
    alone: int
    comparisons: int
    refused: int
    rate: float


def false_discovery(p_values: Mapping[Hashable, float | None], *, rate: float) -> FalseDiscovery:
    """Adjust the p-values of all comparisons of one table for one another.

    Parameters
    ----------
    p_values : mapping
        Comparison (unit and indicator) -> p-value; None where it was refused.
    rate : float
        Of false alarms among what stands out (Benjamini-Hochberg), or of any false alarm
        (Holm, Bonferroni).

    Raises
    ------
    WrongUse
        If a p-value or the rate does not lie between 0 and 1.

    References
    ----------
    .. [1] Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", JRSS B 57
       (1995) 289-300.

    Examples
    --------
    >>> found = false_discovery({"a": 0.001, "b": 0.03, "c": 0.2, "d": None}, rate=0.05)
    >>> found.stand_out["benjamini_hochberg"], found.stand_out["bonferroni"], found.comparisons, found.refused
    (2, 1, 3, 1)
    """
    if not 0 < rate < 1:
        raise WrongUse(_("Het aandeel valse meldingen ligt tussen 0 en 1, niet op {rate}.", rate=rate))
    known = {name: float(value) for name, value in p_values.items() if value is not None and not pd.isna(value)}
    values = np.array(list(known.values()))
    if ((values < 0) | (values > 1)).any():
        raise WrongUse(_("Een p-waarde ligt tussen 0 en 1."))
    table = pd.DataFrame({"comparison": pd.Series(list(known), dtype=object), "p_value": values})
    counts = {}
    for method, name in METHODS.items():
        adjusted = multipletests(values, alpha=rate, method=name)[1] if len(values) else values
        table[method] = adjusted
        table[f"{method}_stands_out"] = adjusted <= rate
        counts[method] = int((adjusted <= rate).sum())
    alone = int((values <= rate).sum())
    return FalseDiscovery(table, counts, rate * len(values), alone, len(values), len(p_values) - len(known), rate)
