"""How usual the finding of each allegation was, beside the most alike ones. For choosing dossiers."""

import numpy as np
import pandas as pd

from evaluation.units.case_mix import CaseMix

ALIKE = 5


def case_scores(judged: pd.DataFrame, mix: CaseMix) -> pd.DataFrame:
    """Return, per allegation, how usual its finding was. Confidential; for choosing dossiers.

    `value` is the model probability of the outcome that was given, `reference` the share
    of the most alike allegations (same category, nearest model probability, another
    case) with that outcome, `note` those allegations with their findings.
    """
    rows = judged[judged["unit"].notna()].reset_index(drop=True)
    given = np.where(rows["found"], mix.probability, 1 - mix.probability)
    alike = most_alike(rows["category"], mix.probability, rows["case_id"])
    exists = alike >= 0
    same = (rows["found"].to_numpy()[alike] == rows["found"].to_numpy()[:, None]) & exists
    names = (rows["allegation_id"].astype(str) + ":" + rows["finding"].astype(str)).to_numpy(str)
    return pd.DataFrame(
        {
            "module": "consistency",
            "measure": "misconduct_found",
            "case_id": rows["case_id"],
            "subject_id": rows["subject_id"],
            "allegation_id": rows["allegation_id"],
            "value": given,
            "reference": np.where(exists.any(axis=1), same.sum(axis=1) / np.maximum(exists.sum(axis=1), 1), np.nan),
            "note": [" ".join(names[line[line >= 0]]) for line in alike],
        }
    )


def most_alike(category: pd.Series, probability: np.ndarray, case_id: pd.Series) -> np.ndarray:
    """Return the row numbers of the `ALIKE` nearest rows of each row; -1 where there are fewer.

    Nearest in model probability, within the category, never of the same case. Looked for
    among the neighbours in sorted order, so the cost grows with n log n.

    Returns
    -------
    array of int, shape (rows, ALIKE)
    """
    kind, case = pd.factorize(category)[0], pd.factorize(case_id)[0]
    order = np.lexsort((np.arange(len(kind)), probability, kind))
    shifts = np.array([step for step in range(-2 * ALIKE, 2 * ALIKE + 1) if step])
    place = np.arange(len(order))[:, None] + shifts
    inside = (place >= 0) & (place < len(order))
    neighbour = order[np.where(inside, place, 0)]
    own = order[:, None]
    allowed = inside & (kind[neighbour] == kind[own]) & (case[neighbour] != case[own])
    distance = np.where(allowed, np.abs(probability[neighbour] - probability[own]), np.inf)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :ALIKE]
    found = np.where(np.take_along_axis(allowed, nearest, axis=1), np.take_along_axis(neighbour, nearest, axis=1), -1)
    result = np.empty_like(found)
    result[order] = found
    return result
