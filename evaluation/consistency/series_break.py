"""The break in the series of categories: the old list of codes and the new one, and what crosses the day between.

The day is not typed in here: it follows from the days on which the codes of the list were
in force. What became of the old codes is data too, `crosswalk_category.yaml`: recoded to
one new code, split over several, or not mappable. By default nothing is recoded: old and
new categories are levels side by side. `crosswalked_category` is the alternative, for
sensitivity analyses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fnmatch import fnmatchcase
from typing import Literal

import pandas as pd

from data_contracts.code_lists import NOT_MAPPABLE, Crosswalk, load_code_lists, load_crosswalks

CATEGORY = "category"
BEFORE, AFTER, ACROSS = "before", "after", "across"
IN_FORCE, RECODED, SPLIT = "in_force", "recoded", "split"
OWN_LIST, BOTH_WAYS, NO_CATEGORY = "own_list", "both_ways", "no_category"

SPANNING: Mapping[str, str] = {
    "consistency.misconduct_found": OWN_LIST,
    "consistency.misconduct_found_range": BOTH_WAYS,
    "consistency.sensitivity": BOTH_WAYS,
    "consistency.discovery": OWN_LIST,
    "consistency.penalty_given_finding": OWN_LIST,
    "consistency.penalty_order*": OWN_LIST,
    "consistency.penalty_kind": OWN_LIST,
    "consistency.matched": OWN_LIST,
    "consistency.chain*": NO_CATEGORY,
    "consistency.first_final*": NO_CATEGORY,
    "consistency.advice_decision*": NO_CATEGORY,
    "consistency.registration": NO_CATEGORY,
}
"""Measures over cases from both sides of the break, with how the categories were handled."""


@dataclass(frozen=True)
class SeriesBreak:
    """The day on which one set of codes made way for another.

    Parameters
    ----------
    code_list : str
    first_day : date
        First day of the new codes; the old ones were last in force the day before.
    old, new : tuple of str
        Codes that ended and began there, in the order of the list.
    """

    code_list: str
    first_day: date
    old: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def last_day(self) -> date:
        """Last day of the old codes."""
        return self.first_day - timedelta(days=1)

    def side(self, year: int | str) -> str:
        """Return on which side a calendar year stands: `before`, `after`, or `across` when the break lies within it.

        Examples
        --------
        >>> [series_break().side(year) for year in (2019, "2020")]
        ['before', 'after']
        """
        if int(year) < self.first_day.year:
            return BEFORE
        starts_the_year = (self.first_day.month, self.first_day.day) == (1, 1)
        return AFTER if int(year) > self.first_day.year or starts_the_year else ACROSS

    def sides(self, years: Iterable[int | str]) -> dict[str, str]:
        """Return the side of each year of a series, in its order; a chart marks where the side changes.

        Examples
        --------
        >>> series_break().sides([2018, 2019, 2020])
        {'2018': 'before', '2019': 'before', '2020': 'after'}
        """
        return {str(year): self.side(year) for year in years}


def series_breaks(code_list: str = CATEGORY) -> tuple[SeriesBreak, ...]:
    """Return the days on which codes of a list ended and others began, earliest first.

    Examples
    --------
    >>> [(found.first_day.isoformat(), len(found.old), len(found.new)) for found in series_breaks()]
    [('2020-01-01', 5, 8)]
    """
    codes = load_code_lists()[code_list].codes.values()
    ends = {code.valid_to + timedelta(days=1) for code in codes if code.valid_to}
    return tuple(
        SeriesBreak(
            code_list,
            day,
            tuple(code.code for code in codes if code.valid_to and code.valid_to + timedelta(days=1) == day),
            tuple(code.code for code in codes if code.valid_from == day),
        )
        for day in sorted(ends & {code.valid_from for code in codes if code.valid_from})
    )


def series_break() -> SeriesBreak:
    """Return the latest break in the categories.

    Raises
    ------
    LookupError
        If the code list has none.
    """
    found = series_breaks()
    if not found:
        raise LookupError(f"no break in the code list {CATEGORY}")
    return found[-1]


def break_within(categories: pd.Series) -> SeriesBreak | None:
    """Return the latest break of which codes from both sides occur; None when these cases do not cross one.

    Parameters
    ----------
    categories : Series of str
        Categories of the cases or allegations; a missing one stands on no side.

    Examples
    --------
    >>> break_within(pd.Series(["rm_prive", None])) is None
    True
    """
    seen = set(categories.dropna())
    crossed = [found for found in series_breaks() if seen & set(found.old) and seen & set(found.new)]
    return crossed[-1] if crossed else None


def handled(measure: str) -> str | None:
    """Return how a measure that spans the break handled the categories; None when it spans none.

    Parameters
    ----------
    measure : str
        `consistency.misconduct_found`, or an id that begins so.

    Returns
    -------
    str or None
        `own_list`: compared within their own list; `both_ways`: so, and beside it recoded
        where the crosswalk can; `no_category`: no categories in it.

    Examples
    --------
    >>> handled("consistency.penalty_kind"), handled("consistency.readers")
    ('own_list', None)
    """
    name = ".".join(measure.split(".")[:2])
    return next((way for pattern, way in SPANNING.items() if fnmatchcase(name, pattern)), None)


def break_sentence(measure: str) -> dict[str, str]:
    """Return what the card of a measure says about the break, in `nl` and `en`; empty when it spans none."""
    way = handled(measure)
    if way is None:
        return {"nl": "", "en": ""}
    found = series_break()
    first = found.first_day
    begin = {
        "nl": f"Op {first.day}-{first.month}-{first.year} kwam er een andere lijst van categorieën; de reeks breekt "
        "daar. ",
        "en": f"On {first.isoformat()} another list of categories began; the series breaks there. ",
    }
    return {language: begin[language] + _HANDLED[way][language] for language in begin}


_HANDLED = {
    OWN_LIST: {
        "nl": "De oude en de nieuwe categorieën staan naast elkaar: een zaak wordt vergeleken met zaken uit de eigen "
        "lijst. Alleen categorieën met te weinig gedragingen zijn samengevoegd, ook over de grens heen. Er is geen "
        "oude categorie omgezet in een nieuwe.",
        "en": "Old and new categories stand side by side: a case is compared with cases of its own list. Only "
        "categories with too few allegations are put together, across the break as well. No old category was recoded "
        "to a new one.",
    },
    BOTH_WAYS: {
        "nl": "In het hoofdgetal wordt een zaak vergeleken met zaken uit de eigen lijst. Daarnaast is gerekend met de "
        "oude categorieën omgezet in de nieuwe, waar dat kan; wat niet te vertalen is, blijft een eigen groep.",
        "en": "In the headline a case is compared with cases of its own list. Beside it the numbers were worked out "
        "with old categories recoded to new ones where possible; what is not mappable stays a group of its own.",
    },
    NO_CATEGORY: {
        "nl": "Dit getal gebruikt geen categorieën. Toch kan een verschil tussen jaren ervoor en erna komen doordat er "
        "anders is geregistreerd.",
        "en": "This number uses no categories. Even so a difference between years before and after may come from "
        "another way of registering.",
    },
}


def crosswalk_fate(categories: pd.Series) -> pd.Series:
    """Return what became of each category; missing where it is missing.

    Returns
    -------
    Series of str
        `in_force` (not in the crosswalk: nothing happened to it), `recoded`, `split` or
        `not_mappable`.

    Examples
    --------
    >>> crosswalk_fate(pd.Series(["vik_positie", "vik_overig", "rm_prive"])).tolist()
    ['recoded', 'not_mappable', 'in_force']
    """
    to = load_crosswalks()[CATEGORY].to
    fate = {old: NOT_MAPPABLE if not new else RECODED if len(new) == 1 else SPLIT for old, new in to.items()}
    return categories.map(lambda code: fate.get(code, IN_FORCE), na_action="ignore")


def crosswalked_category(judged: pd.DataFrame, *, split: Literal["apart", "together"]) -> pd.Series:
    """Return the categories on one list, as far as the crosswalk goes: an alternative case mix.

    An old code with one successor becomes that. What is not mappable stays a level of its
    own: it is never guessed.

    Parameters
    ----------
    judged : DataFrame
        With a column `category`, as `judged_allegations` returns.
    split : {"apart", "together"}
        An old code that was split stays a level of its own (`apart`), or becomes one level
        with all its successors (`together`): coarser, and then comparable.

    Returns
    -------
    Series of str
        With the index of `judged`; a missing category stays missing.

    Raises
    ------
    ValueError
        For another word for `split`.

    Examples
    --------
    >>> judged = pd.DataFrame({"category": ["vik_positie", "vik_geweld_bejegening", "rm_bevoegdheden", "vik_overig"]})
    >>> crosswalked_category(judged, split="apart").tolist()
    ['rm_positie_belangen', 'vik_geweld_bejegening', 'rm_bevoegdheden', 'vik_overig']
    >>> crosswalked_category(judged, split="together").tolist()[1:3]
    ['rm_bevoegdheden + rm_omgangsvormen', 'rm_bevoegdheden + rm_omgangsvormen']
    """
    if split not in ("apart", "together"):
        raise ValueError(f"split is apart or together, not {split}")
    level = _levels(load_crosswalks()[CATEGORY], together=split == "together")
    return judged["category"].map(lambda code: level.get(code, code), na_action="ignore")


def _levels(walk: Crosswalk, *, together: bool) -> dict[str, str]:
    """Return the level of every code that moves; codes that share a successor share their level."""
    groups: list[set[str]] = []
    for new in walk.to.values():
        if len(new) == 1 or (together and new):
            joined = set(new).union(*(group for group in groups if group & set(new)))
            groups = [group for group in groups if not group & joined] + [joined]
    level = {code: " + ".join(sorted(group)) for group in groups for code in group}
    old = {code: level[new[0]] for code, new in walk.to.items() if new and (together or len(new) == 1)}
    return level | old
