"""What a test of equal curves gives: the log-rank test, and Gray's."""

from dataclasses import dataclass

import pandas as pd
from scipy.stats import chi2

from evaluation.survival.columns import Floats
from evaluation.survival.quadratic_form import quadratic_form
from evaluation.survival.shown import shown


@dataclass(frozen=True)
class EqualityTest:
    """The outcome of a test of equal curves.

    Parameters
    ----------
    statistic, p_value : float or None
        Chi-square and its p-value; None when `refusal` says why (`no_variation`: one
        group; `no_events`: nothing ended, or in Gray's test nothing ended in this way,
        while two groups were in view).
    degrees_of_freedom : int
    groups : DataFrame
        One row a group: `group`, `n`, `observed`, `expected` (weighted when `rho` is
        not 0, as R's `survdiff` prints them).
    method : str
    refusal : str or None
    """

    statistic: float | None
    p_value: float | None
    degrees_of_freedom: int
    groups: pd.DataFrame
    method: str
    refusal: str | None = None

    @classmethod
    def of(cls, groups: pd.DataFrame, variance: Floats, method: str) -> "EqualityTest":
        """Return the test on observed less expected, with their covariance over the groups."""
        if len(groups) < 2:
            return cls(None, None, 0, groups, method, "no_variation")
        difference = (groups["observed"] - groups["expected"]).to_numpy()
        statistic, degrees = quadratic_form(difference, variance)
        if not degrees:
            return cls(None, None, 0, groups, method, "no_events")
        return cls(statistic, float(chi2.sf(statistic, degrees)), degrees, groups, method)

    def table(self) -> pd.DataFrame:
        """Return `groups`: a row a group, with its cases, its ends and those expected."""
        return self.groups

    def _repr_html_(self) -> str:
        said = self.refusal or (
            f"chi-square = {self.statistic:.6g}, df = {self.degrees_of_freedom}, p = {self.p_value:.4g}"
        )
        return shown(self.groups, f"{self.method}: {said}")
