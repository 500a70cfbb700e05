"""What a unit effect comes to in days, for one standard case mix: marginal standardisation.

Units have different cases; an odds ratio tells a reader little. Here every unit handles
the same cases, those of all units together, each from its first day: the share closed
within N days, and the mean days open within them, averaged over the cases.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from evaluation.survival.columns import Floats


@dataclass(frozen=True, eq=False)
class StandardMix:
    """The cases of all units in a discrete-time hazard.

    Parameters
    ----------
    weight : array, shape (kinds,)
        Share of the cases that are of this kind.
    lengths : array, shape (bands,)
        Days of each band of the baseline, up to the horizon.
    rows : array, shape (bands, kinds, columns)
        Design of the hazard for every kind of case in every band.
    """

    weight: Floats
    lengths: Floats
    rows: np.ndarray

    def outcome(self, coefficients: Floats, effect: float) -> tuple[float, float]:
        """Return the share closed within the horizon and the mean days open within it."""
        eta = (self.rows @ coefficients).T + effect
        stays = -np.logaddexp(0, eta) * self.lengths  # log of the chance of staying open through a band
        through = np.exp(np.cumsum(stays, axis=1))
        before = np.column_stack([np.ones(len(through)), through[:, :-1]])
        # days open within a band: the sum of q^0 ... q^(length - 1)
        open_days = -np.expm1(stays) / expit(eta)
        return float(self.weight @ (1 - through[:, -1])), float(self.weight @ (before * open_days).sum(axis=1))

    def direction(self, coefficients: Floats, effect: float) -> Floats:
        """Return the mean row of the design, each day counted by what it adds to the share.

        To first order the share moves with this combination of the coefficients as it
        moves with the effect: its standard error is that of `direction @ coefficients + effect`.
        """
        eta = (self.rows @ coefficients).T + effect
        open_after = np.exp(-(np.logaddexp(0, eta) * self.lengths).sum(axis=1))
        moves = (self.weight * open_after)[:, None] * expit(eta) * self.lengths
        return np.asarray(np.einsum("kb,bkc->c", moves, self.rows) / moves.sum())


def standard_mix(
    mix: pd.DataFrame, count: Floats, edges: Floats, within: int, design: Callable[[pd.DataFrame, int], np.ndarray]
) -> StandardMix:
    """Return the standard case mix.

    Parameters
    ----------
    mix : DataFrame
        Characteristics of each case of all units.
    count : array
        Cases of each row.
    edges : array
        Bands of the baseline; the last reaches `within` or beyond.
    within : int
        Horizon in days.
    design : callable
        From kinds of cases and the number of a band to rows of the design.
    """
    names = list(mix.columns)
    kinds = mix.assign(**{_COUNT: count})
    kinds = kinds.groupby(names, as_index=False)[_COUNT].sum() if names else kinds[:1]
    last = int(np.searchsorted(edges, within, side="left"))
    return StandardMix(
        weight=(kinds[_COUNT] / kinds[_COUNT].sum()).to_numpy(float),
        lengths=np.diff(np.minimum(edges[: last + 1], within)),
        rows=np.stack([design(kinds, band) for band in range(last)]),
    )


_COUNT = " count"
