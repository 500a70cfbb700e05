"""How usual the outcome of each allegation was, beside the most alike ones. Confidential; for choosing dossiers.

Two outcomes: the finding, and, once misconduct is found, the group of its penalty
(`penalty_ranking.load_groups`; the groups have no order). The chance is that of a model
without units that did not see the case itself (`left_out_chance`).
"""

import numpy as np
import pandas as pd

from data_contracts.case_files import CaseFiles
from evaluation.complete_rows import level_columns
from evaluation.consistency.left_out_chance import left_out_chance
from evaluation.consistency.like_for_like import Compared, used_covariates
from evaluation.consistency.misconduct_outcomes import misconduct_outcomes
from evaluation.consistency.multinomial import multinomial
from evaluation.consistency.penalty_ranking import load_groups
from evaluation.consistency.sparse_levels import pooled_levels
from evaluation.refusals import MINIMUM_N
from evaluation.units.case_mix import dummies
from evaluation.units.separation import SeparationError

ALIKE = 5


def case_scores(case_files: CaseFiles, judged: pd.DataFrame, found: Compared) -> pd.DataFrame | None:
    """Return, per allegation and outcome, how usual that was; None when nothing can be said.

    `value` is the model probability of the outcome that was given, the case itself left
    out; `reference` the share of the most alike allegations (same category, nearest model
    probability of this outcome, another case) with that outcome; `note` those allegations
    with their outcomes.

    Parameters
    ----------
    judged : DataFrame
        As `judged_allegations` returns.
    found : Compared
        As `compared_findings` returns.
    """
    parts = [finding_surprise(found), penalty_surprise(case_files, judged)]
    said = [part for part in parts if part is not None]
    return pd.concat(said, ignore_index=True) if said else None


def finding_surprise(found: Compared) -> pd.DataFrame | None:
    """Return how usual the finding of each allegation was; None without a case mix."""
    if found.mix is None:
        return None
    rows, mix = found.rows, found.mix
    chance = np.column_stack([1 - mix.probability, mix.probability])
    return _scores("misconduct_found", rows, rows["finding"], mix.design[mix.cell], chance, rows["hit"].to_numpy(int))


def penalty_surprise(case_files: CaseFiles, judged: pd.DataFrame) -> pd.DataFrame | None:
    """Return how usual the group of the penalty of each allegation with misconduct found was.

    None without penalties, with too few, or with one group; and when the characteristics
    separate the groups.
    """
    rows = misconduct_outcomes(case_files, judged)
    rows = rows.assign(group=load_groups().groups(rows["penalty"], rows["conditional"].astype("boolean")))
    rows = rows[rows["group"].notna()].reset_index(drop=True)
    names = sorted(rows["group"].unique())
    if len(rows) < MINIMUM_N or len(names) < 2:
        return None
    at = rows["group"].map({name: place for place, name in enumerate(names)}).to_numpy(dtype=int)
    levels = level_columns(rows[list(used_covariates(case_files, rows))], len(rows))
    levels, _lost = pooled_levels(levels, lambda here: len(np.unique(at[here])) == len(names), minimum_n=MINIMUM_N)
    design = dummies(levels) if levels.shape[1] else np.ones((len(rows), 1))
    try:
        chance = multinomial(at, len(names), design).chances(design)
    except SeparationError:
        return None
    return _scores("penalty_kind", rows, rows["group"], design, chance, at)


def _scores(
    measure: str, rows: pd.DataFrame, said: pd.Series, design: np.ndarray, chance: np.ndarray, given: np.ndarray
) -> pd.DataFrame:
    alike = np.full((len(rows), ALIKE), -1)
    for outcome in range(chance.shape[1]):
        here = given == outcome
        if here.any():
            alike[here] = most_alike(rows["category"], chance[:, outcome], rows["case_id"])[here]
    exists = alike >= 0
    same = (given[alike] == given[:, None]) & exists
    names = (rows["allegation_id"].astype(str) + ":" + said.astype(str)).to_numpy(str)
    return pd.DataFrame(
        {
            "module": "consistency",
            "measure": measure,
            "case_id": rows["case_id"],
            "subject_id": rows["subject_id"],
            "allegation_id": rows["allegation_id"],
            "value": left_out_chance(design, chance, given, rows["case_id"].to_numpy(str)),
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
