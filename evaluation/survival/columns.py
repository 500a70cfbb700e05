"""Columns as they are handed to an estimator: numbers, truths and labels, in whatever form they come.

Lists, NumPy arrays, pandas columns of any dtype; the index of a pandas column plays no
part, rows are taken by place. What cannot be read is refused in one sentence.
"""

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from data_contracts.errors import WrongUse
from data_contracts.language import _

Floats = NDArray[np.float64]

_DAY = np.timedelta64(1, "D")


def needed_columns(table: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse a table that lacks a column.

    Raises
    ------
    WrongUse
        Names the columns that are absent.
    """
    if absent := [name for name in dict.fromkeys(names) if name not in table]:
        raise WrongUse(
            _(
                "De tabel mist de kolommen {absent}. De tabel van case_durations krijgt die namen met "
                "evaluation.duration.unit_scores.compared_cases.",
                absent=", ".join(absent),
            )
        )


def numbers(values: ArrayLike, name: str, length: int | None = None) -> Floats:
    """Return a column as finite numbers; timedeltas as days.

    Raises
    ------
    WrongUse
        If it is not one column of numbers, is not `length` long, or misses a value
        (None, NaN, NaT, NA, infinite).

    Examples
    --------
    >>> numbers([1, True, 2.5], "duration").tolist()
    [1.0, 1.0, 2.5]
    """
    array = _column(values, name)
    found = _as_floats(array, name)
    if length is not None and len(found) != length:
        raise WrongUse(_("{name} moet één rij getallen zijn, even lang als duration.", name=name))
    if missing := int((~np.isfinite(found)).sum()):
        raise WrongUse(
            _(
                "{name} mist {n} waarden. Eén ontbrekende waarde bederft de hele curve: "
                "laat die zaken eerst weg, en tel ze.",
                name=name,
                n=missing,
            )
        )
    return found


def counts(values: ArrayLike, name: str, length: int | None = None) -> Floats:
    """Return a column of numbers of nought or more; refused as in `numbers`, or when one is negative."""
    found = numbers(values, name, length)
    if (found < 0).any():
        raise WrongUse(_("{name} bevat {n} negatieve waarden.", name=name, n=int((found < 0).sum())))
    return found


def truths(values: ArrayLike, name: str, length: int) -> NDArray[np.bool_]:
    """Return a column of true and false, also when written as 1 and 0; refuses anything else.

    Examples
    --------
    >>> truths([1.0, 0.0], "event_observed", 2).tolist()
    [True, False]
    """
    found = numbers(values, name, length)
    true = found == 1.0
    if not (true | (found == 0.0)).all():
        raise WrongUse(_("{name} mag alleen waar (1) of onwaar (0) zijn.", name=name))
    return true


def coded(labels: ArrayLike, length: int, name: str) -> tuple[list, NDArray[np.intp]]:
    """Return the different labels, sorted, and the number of each row's label among them; refuses missing ones.

    The labels of a pandas Categorical keep the order of its categories.

    Examples
    --------
    >>> found, number = coded(["b", "a", "b"], 3, "group")
    >>> found, number.tolist()
    (['a', 'b'], [1, 0, 1])
    """
    found, codes = labels_of(labels, length, name)
    if missing := int((codes < 0).sum()):
        raise WrongUse(_("{name} mist {n} waarden. Laat die zaken eerst weg, en tel ze.", name=name, n=missing))
    return found, codes


def labels_of(labels: ArrayLike, length: int, name: str) -> tuple[list, NDArray[np.intp]]:
    """Return what `coded` returns; a missing label (None, NaN, NaT, NA) has number -1.

    Examples
    --------
    >>> labels_of(["decision", None], 2, "cause")[1].tolist()
    [0, -1]
    """
    try:
        given = labels if isinstance(labels, pd.Series) else pd.Series(labels, copy=False)
    except ValueError as error:
        raise WrongUse(_("{name} moet één rij zijn, even lang als duration.", name=name)) from error
    if len(given) != length or (isinstance(labels, str) or np.ndim(labels) == 0):
        raise WrongUse(_("{name} moet één rij zijn, even lang als duration.", name=name))
    if isinstance(given.dtype, pd.CategoricalDtype):
        used = given.cat.remove_unused_categories()
        return list(used.cat.categories), used.cat.codes.to_numpy(np.intp)
    codes, found = pd.factorize(given, sort=True)
    return list(found), codes


def length_of(values: ArrayLike, name: str) -> int:
    """Return the length of one column of anything."""
    return len(_column(values, name))


def _column(values: ArrayLike, name: str) -> NDArray[Any]:
    """Return one column as an array; a pandas column with its own kind of missing value as floats or objects."""
    try:
        if isinstance(values, pd.Series | pd.Index) and isinstance(values.dtype, pd.api.extensions.ExtensionDtype):
            numeric = pd.api.types.is_numeric_dtype(values.dtype)
            array = values.to_numpy(float, na_value=np.nan) if numeric else values.to_numpy(object)
        else:
            array = np.asarray(values)
    except (ValueError, TypeError) as error:
        raise WrongUse(_("{name} moet één rij getallen zijn.", name=name)) from error
    if array.ndim != 1:
        raise WrongUse(_("{name} moet één rij getallen zijn.", name=name))
    return array


def _as_floats(array: NDArray[Any], name: str) -> Floats:
    if array.dtype.kind in "biuf":
        return np.asarray(array, dtype=float)
    if array.dtype.kind == "m":
        return np.asarray(array / _DAY, dtype=float)
    missing = pd.isna(array) if array.dtype.kind == "O" else np.zeros(len(array), dtype=bool)
    if array.dtype.kind != "O" or not all(isinstance(value, Real | np.bool_) for value in array[~missing]):
        raise WrongUse(_("{name} bestaat niet uit getallen, maar uit {kind}.", name=name, kind=_kind(array, missing)))
    found = np.full(len(array), np.nan)
    found[~missing] = array[~missing].astype(float)
    return found


def _kind(array: NDArray[Any], missing: NDArray[np.bool_]) -> str:
    """Name what stands there instead; never a value itself."""
    if array.dtype.kind in "UST":
        return _("tekst")
    if array.dtype.kind == "M":
        return _("datums")
    first = next(value for value in array[~missing] if not isinstance(value, Real | np.bool_))
    return _("tekst") if isinstance(first, str) else type(first).__name__
