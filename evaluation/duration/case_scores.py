"""How long each case has run, and how unusual that is among like cases. Confidential: for choosing dossiers to read."""

import numpy as np
import pandas as pd

from evaluation.duration.like_cases import like_cases_of
from evaluation.refusals import MINIMUM_N

BACK_OFF = (("category", "complexity"), ("category",))
"""Like cases agree on these; on fewer where too few of them have ended, at last on nothing."""


def case_scores(cases: pd.DataFrame, measure: str, *, clock: str) -> pd.DataFrame:
    """Return one confidential row a case.

    *Estimand*: per case, the share of like cases that end sooner, had every like case
    been followed to its end (`evaluation.duration.like_cases`).

    Parameters
    ----------
    cases : DataFrame
        As `total.case_durations` returns them.
    measure : str
        `total_gross`.
    clock : str
        Column with the days: `gross` or `net`.

    Returns
    -------
    DataFrame
        `module, measure, case_id, subject_id, allegation_id`; `value`: days so far or in
        total; `reference`: percentile among like cases (0 to 1; of an open case, that by
        now); `note`: `open` or `closed`, or why the case is in no curve, then with whom it
        was compared, how many those are, and the surprise in bits (1: one in two of the
        like cases runs at least this long, 7: one in 128).
    """
    known = (cases["left_out"] == "") & cases[clock].notna() & cases[f"{clock}_entry"].notna()
    seen = cases[known].rename(columns={clock: "duration", "closed": "event_observed", f"{clock}_entry": "entry"})
    found = like_cases_of(seen, back_off=BACK_OFF, minimum_n=MINIMUM_N).scores.reindex(cases.index)
    state = np.select(
        [cases["left_out"] != "", ~known, cases["closed"]],
        [cases["left_out"], "suspension_unknown", "closed"],
        default="open",
    )
    compared = [
        f"; {who}; n={n:.0f}; {bits:.1f} bits" if isinstance(who, str) else ""
        for who, n, bits in zip(found["compared_with"], found["n"], found["surprise"], strict=True)
    ]
    return pd.DataFrame(
        {
            "module": "duration",
            "measure": measure,
            "case_id": cases["case_id"],
            "subject_id": None,
            "allegation_id": None,
            "value": cases[clock].where(~cases["left_out"].isin(["no_closing", "negative"])),
            "reference": found["percentile"],
            "note": [f"{one}{rest}" for one, rest in zip(state, compared, strict=True)],
        }
    )
