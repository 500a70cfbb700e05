"""How much two different ratings agree: 1 the same, 0 (or less) the furthest apart.

References
----------
.. [1] J. Cohen, "Weighted kappa: nominal scale agreement with provision for scaled
   disagreement or partial credit", Psychological Bulletin 70 (1968) 213-220.
.. [2] D. V. Cicchetti, T. Allison, "A new procedure for assessing reliability of scoring EEG
   sleep recordings", American Journal of EEG Technology 11 (1971) 101-109 (linear).
.. [3] J. L. Fleiss, J. Cohen, "The equivalence of weighted kappa and the intraclass
   correlation coefficient", Educational and Psychological Measurement 33 (1973) 613-619
   (quadratic).
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from data_contracts.errors import WrongUse
from data_contracts.language import _
from evaluation.consistency.agreement_ratings import Floats, Ratings, numeric

Scale = Literal["nominal", "linear", "quadratic"]


def agreement_weights(ratings: Ratings, weights: Scale | ArrayLike) -> Floats:
    """Return the matrix of agreement between categories.

    Parameters
    ----------
    ratings : Ratings
    weights : {"nominal", "linear", "quadratic"} or array_like
        Nominal: every difference counts as one. Linear and quadratic: by the distance, or its
        square, between the categories, over the largest there is; the distance of numbers is
        their difference, of other categories that of their places. Or a symmetric matrix with
        1 on the diagonal and at most 1 beside it.

    Raises
    ------
    WrongUse
        If the scale is unknown or the matrix is not such a one, or if the scale needs an order
        and the categories have none: declare them.

    Examples
    --------
    >>> from evaluation.consistency.agreement_ratings import rating_counts
    >>> agreement_weights(rating_counts([[1, 1, 0]]), "linear").tolist()
    [[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]]
    """
    size = len(ratings.categories)
    if not isinstance(weights, str):
        return _own(np.asarray(weights, dtype=float), size)
    if weights == "nominal":
        return np.eye(size)
    if weights not in ("linear", "quadratic"):
        raise WrongUse(_("Onbekende schaal: {scale}. Bekend zijn: {known}.",
                         scale=weights, known="nominal, linear, quadratic"))  # fmt: skip
    value = scale_values(ratings)
    distance = np.abs(value[:, None] - value)
    share = distance / max(float(distance.max(initial=0.0)), np.finfo(float).tiny)
    return 1 - (share if weights == "linear" else share**2)


def from_disagreement(weights: ArrayLike) -> Floats:
    """Return agreement from a matrix of disagreement (0 on the diagonal), as Cohen (1968) gives it.

    Examples
    --------
    >>> from_disagreement([[0, 1], [1, 0]]).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    matrix = np.asarray(weights, dtype=float)
    most = float(matrix.max(initial=0.0))
    if most <= 0:
        raise WrongUse(_("In de gewichten is geen enkel verschil."))
    return 1 - matrix / most


def scale_values(ratings: Ratings) -> Floats:
    """Return the place of each category on its scale: numbers themselves, others 0, 1, 2, ..."""
    if not ratings.ordered:
        raise WrongUse(_("Deze schaal heeft een volgorde nodig: geef de categorieën op, van laag naar hoog."))
    if numeric(ratings.categories):
        return np.array(ratings.categories, dtype=float)
    return np.arange(len(ratings.categories), dtype=float)


def _own(matrix: Floats, size: int) -> Floats:
    if matrix.shape != (size, size):
        raise WrongUse(_("De gewichten moeten {n} bij {n} zijn: één rij en kolom per categorie.", n=size))
    if not (np.isfinite(matrix).all() and np.allclose(matrix, matrix.T) and np.allclose(np.diag(matrix), 1)
            and (matrix <= 1).all()):  # fmt: skip
        raise WrongUse(_("De gewichten moeten symmetrisch zijn, 1 op de diagonaal en nergens meer dan 1."))
    return matrix
