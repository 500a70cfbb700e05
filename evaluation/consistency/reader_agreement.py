"""The coefficients that are published for an item, each with the interval that is published with it.

**Which interval.** Percent agreement: Wilson's at the effective number of dossiers. The others:
bootstrap by dossier, BCa. Their interval by formula (Student's t) is symmetric, and the
coefficients are not: at 60 dossiers of which nearly all deserve one and the same rating it holds
the truth in 90 to 93 % of samples, BCa in 95 to 99 % (`decisions/0017`). Dossiers read once are
used for how often each rating is given and add nothing to the error (`single_reads="ratio"`).

**When there is none.** Where more than one resample in twenty has no value, a kappa or alpha hangs
on a handful of dossiers with the rarer rating; no interval then means what it says, and the number
is refused as `too_few`. Where no two readers differ anywhere, every resample says the same, and
the interval is that by formula: Wilson's of percent agreement, chance as found.
"""

from dataclasses import dataclass

import numpy as np

from evaluation.consistency.agreement import (
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    percent_agreement,
)
from evaluation.consistency.agreement_bootstrap import bootstrap
from evaluation.consistency.agreement_estimate import Agreement
from evaluation.consistency.agreement_ratings import Ratings
from evaluation.consistency.agreement_weights import Scale
from evaluation.consistency.reader_items import RatingScale
from evaluation.refusals import MINIMUM_N

COEFFICIENTS = ("percent", "ac1", "alpha", "kappa_fleiss", "kappa_conger", "brennan_prediger")
"""The coefficients of every item, by the name of their statistic."""

REPLICATES = 2000


@dataclass(frozen=True)
class ReaderAgreement:
    """A coefficient as it is published.

    Parameters
    ----------
    estimate, low, high : float or None
        None when `refusal` says why; without interval where nothing varies that it could be read from.
    refusal : str or None
        Key in `evaluation.refusals.REASONS`. `absent`: no ratings; `not_estimable`: one reader, or nothing read
        twice; `too_few`: fewer dossiers read twice than `MINIMUM_N`, or with the rarer rating than an interval
        needs; `no_variation`: all ratings the same.
    dossiers, dossiers_twice : int
        Dossiers with a rating, and of these those rated twice or more.
    """

    estimate: float | None
    low: float | None
    high: float | None
    refusal: str | None
    dossiers: int
    dossiers_twice: int


def item_coefficients(ratings: Ratings, scale: RatingScale, *, level: float, two_readers: bool) -> dict[str, Agreement]:
    """Return the coefficients of one item, by statistic.

    *Estimand*: as the functions of `evaluation.consistency.agreement`.

    Parameters
    ----------
    ratings : Ratings
        Of one item.
    scale : RatingScale
        An ordered scale of three or more ratings adds `ac2` and `alpha_ordered`, in which ratings that lie
        further apart disagree more.
    level : float
    two_readers : bool
        There are two readers in all: `kappa_conger` is then Cohen's, over the dossiers both rated.
    """
    found = {
        "percent": percent_agreement(ratings, level=level, single_reads="ratio"),
        "ac1": gwet_ac(ratings, level=level, single_reads="ratio"),
        "alpha": krippendorff_alpha(ratings, level=level),
        "kappa_fleiss": fleiss_kappa(ratings, level=level, single_reads="ratio"),
        "kappa_conger": cohen_kappa(ratings, level=level)
        if two_readers
        else conger_kappa(ratings, level=level, single_reads="ratio"),
        "brennan_prediger": brennan_prediger(ratings, level=level, single_reads="ratio"),
    }
    if scale.ordered and ratings.categories == scale.ratings and scale.kind != "nominal":
        weights: Scale = "quadratic" if scale.kind == "interval" else "linear"
        found["ac2"] = gwet_ac(ratings, level=level, weights=weights, single_reads="ratio")
        found["alpha_ordered"] = krippendorff_alpha(ratings, level=level, scale=scale.kind)
    return found


def published(agreement: Agreement, *, level: float, rng: np.random.Generator) -> ReaderAgreement:
    """Return a coefficient with the interval that is published with it, or the reason why it is not said.

    *Estimand*: that of the coefficient, of these readers, over a process of which the dossiers are a draw.

    Parameters
    ----------
    agreement : Agreement
        Of one item, or the mean over items.
    level : float
    rng : Generator
    """
    counts = agreement.dossiers, agreement.dossiers_twice
    refusal = agreement.refusal
    if refusal is None and agreement.dossiers_twice < MINIMUM_N:
        refusal = "too_few"
    if refusal is not None:
        return ReaderAgreement(None, None, None, refusal, *counts)
    low, high = agreement.low, agreement.high
    if agreement.coefficient != "percent_agreement":
        drawn = bootstrap(agreement, level=level, rng=rng, replicates=REPLICATES)
        if drawn.refusal == "not_estimable":
            return ReaderAgreement(None, None, None, "too_few", *counts)
        if drawn.refusal is None:
            low, high = drawn.low, drawn.high
    return ReaderAgreement(agreement.estimate, low, high, None, *counts)
