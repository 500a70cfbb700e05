"""The ledger: one row a published number, with how it is written in Dutch and in English."""

import math
import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
from babel.numbers import format_decimal, format_percent

from data_contracts.errors import WrongUse
from data_contracts.language import _

COLUMNS = (
    "id", "module", "measure", "statistic", "group", "estimate", "low", "high", "level", "unit", "text_nl", "text_en",
    "estimand", "n", "events", "numerator", "denominator", "period", "as_of", "sources", "code_version", "decision",
    "refusal",
)  # fmt: skip
INTEGERS = ("n", "events", "numerator", "denominator")
DECISIONS = ("published", "suppressed_primary", "suppressed_secondary", "refused")

# From this denominator on one case is less than a tenth of a per cent, so a decimal says something.
ONE_DECIMAL_FROM = 1000

_ID = re.compile(
    r"(?P<module>[a-z][a-z0-9_]*)\.(?P<measure>[a-z][a-z0-9_]*)\.(?P<statistic>[a-z0-9][a-z0-9_]*)"
    r"\.(?P<group>all|year=[0-9]{4}|unit=\w[\w .&+/()'-]{0,79})"
)
_LOCALE = {"nl": "nl_NL", "en": "en_GB"}
_WORDS = {
    "nl": {
        "day": "{} dag",
        "days": "{} dagen",
        "working_day": "{} werkdag",
        "working_days": "{} werkdagen",
        "points": "{} procentpunt",
        "under": "minder dan {}",
        "over": "meer dan {}",
    },
    "en": {
        "day": "{} day",
        "days": "{} days",
        "working_day": "{} working day",
        "working_days": "{} working days",
        "points": "{} percentage points",
        "under": "less than {}",
        "over": "more than {}",
    },
}
_INERT = re.compile(r"^'(?=[+])")
_LEAST_P = Decimal("0.001")
_MINUS = "\N{MINUS SIGN}"
_SIGNED = "_change"  # statistics that end so are differences: their sign is said, plus too
_WITHHELD = {"nl": "afgeschermd", "en": "withheld"}
_REFUSED = {"nl": "niet te zeggen", "en": "cannot be said"}


def parts(score_id: str) -> tuple[str, str, str, str]:
    """Return module, measure, statistic and group of a score id.

    Raises
    ------
    WrongUse
        If the id does not read `module.measure.statistic.group`, all lower case, with
        group `all`, `unit=ams` or `year=2019`.

    Examples
    --------
    >>> parts("duration.total_gross.median.unit=ams")
    ('duration', 'total_gross', 'median', 'unit=ams')
    """
    match = _ID.fullmatch(score_id)
    if match is None or score_id != score_id.lower():
        raise WrongUse(
            _(
                "De score {id} heeft geen goede naam. Een naam is module.maat.statistiek.groep in kleine letters, "
                "met als groep all, unit=code of year=jaar.",
                id=repr(score_id[:80]),
            )
        )
    return match["module"], match["measure"], match["statistic"], match["group"]


def written(value: float | None, *, unit: str, count: float | None, language: str, statistic: str = "") -> str:
    r"""Write a number as the book and the letter print it.

    Shares are percentages: one decimal when `count` is at least 1,000, whole
    percentages otherwise; a share that is not 0 or 1 is never written as 0% or 100%.
    In Dutch a no-break space stands before the percent sign.
    Days are whole. Differences (`points`, and days whose `statistic` ends in `_change`)
    show their sign, plus too; points have one decimal. Ratios have two decimals, one from 10 on and for rates
    (`statistic` ends in `per_1000`). A half is rounded away from zero.

    Parameters
    ----------
    value : float or None
        The number in ledger form: shares are fractions of one. None is written as ''.
    unit : str
        One of `evaluation.scores.UNITS`.
    count : float or None
        Denominator, or else n, behind the number: it decides the decimals of a share.
    language : str
        `nl` or `en`.
    statistic : str
        Third part of the id.

    Examples
    --------
    >>> written(0.125, unit="share", count=1509, language="nl")
    '12,5\xa0%'
    >>> written(1509, unit="count", count=1509, language="nl")
    '1.509'
    >>> written(166, unit="days", count=40, language="en")
    '166 days'
    >>> written(0.014, unit="points", count=800, language="nl", statistic="share_change")
    '+1,4 procentpunt'
    """
    if value is None or math.isnan(value):
        return ""
    number, words = Decimal(str(value)), _WORDS[language]
    if unit == "share":
        return _percentage(number, 1 if count is not None and count >= ONE_DECIMAL_FROM else 0, language)
    if unit == "p_value":
        least = _percentage(_LEAST_P, 1, language)
        return words["under"].format(least) if number < _LEAST_P else _percentage(number, 1, language)
    if unit in ("days", "working_days"):
        whole = _rounded(number, 0)
        text = _decimal(whole, 0, language, signed=statistic.endswith(_SIGNED))
        return words[unit.removesuffix("s") if abs(whole) == 1 else unit].format(text)
    if unit == "points":
        return words["points"].format(_decimal(_rounded(100 * number, 1), 1, language, signed=True))
    if unit == "count":
        return _decimal(_rounded(number, 0), 0, language)
    places = 1 if abs(number) >= 10 or statistic.endswith("per_1000") else 2
    return _decimal(_rounded(number, places), places, language)


def _percentage(share: Decimal, places: int, language: str) -> str:
    least = Decimal(1).scaleb(-2 - places)
    shown = _rounded(share, 2 + places)
    sign = "\N{NO-BREAK SPACE}%" if language == "nl" else "%"
    pattern = ("#,##0." + "0" * places if places else "#,##0") + sign

    def text(number: Decimal) -> str:
        return format_percent(number, format=pattern, locale=_LOCALE[language])

    if shown <= 0 < share:
        return _WORDS[language]["under"].format(text(least))
    if share < 1 <= shown:
        return _WORDS[language]["over"].format(text(1 - least))
    return text(shown)


def _decimal(number: Decimal, places: int, language: str, *, signed: bool = False) -> str:
    pattern = "#,##0." + "0" * places if places else "#,##0"
    text = format_decimal(abs(number), format=pattern, locale=_LOCALE[language])
    # A true minus sign: typographically right, and no spreadsheet takes it for the start of a formula.
    return (_MINUS if number < 0 else "+" if signed and number > 0 else "") + text


def _rounded(number: Decimal, places: int) -> Decimal:
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)  # never minus nought


def ledger(
    scores: pd.DataFrame,
    decisions: pd.Series,
    *,
    blank: Mapping[str, Sequence[str]],
    decimals: Mapping[str, int],
    sources: str,
    code_version: str,
) -> pd.DataFrame:
    """Return the protected copy of a scores table.

    Withheld rows keep their id and what they are about, and lose every number and the
    reason of a refusal (`no_events` would tell the count). Texts are made from the
    rounded numbers, so that whoever has the ledger can make the same text.

    Parameters
    ----------
    scores : DataFrame
        As `evaluation.scores.scores_table` makes it.
    decisions : Series
        One of `DECISIONS` for each row of `scores`, same index.
    blank : mapping
        Score id -> columns that are withheld although the row is shown (`events`).
    decimals : mapping
        Unit -> decimals that a published number keeps.
    sources, code_version : str
        Written on every row.
    """
    table = scores.copy()
    for place, name in enumerate(("module", "measure", "statistic", "group")):
        table[name] = pd.Series([parts(one)[place] for one in table["id"]], index=table.index, dtype="str")
    table["decision"] = decisions
    table["sources"], table["code_version"] = sources, code_version
    table["as_of"] = [str(day)[:10] for day in table["as_of"]]
    for column in INTEGERS:
        table[column] = table[column].astype("Float64").round().astype("Int64")
    for column in ("estimate", "low", "high", "level"):
        table[column] = table[column].astype("float64")
    for column in ("estimate", "low", "high"):
        table[column] = [
            float(_rounded(Decimal(str(value)), decimals[unit])) if math.isfinite(value) else math.nan
            for value, unit in zip(table[column], table["unit"], strict=True)
        ]
    withheld = table["decision"].isin(["suppressed_primary", "suppressed_secondary"])
    table.loc[withheld, ["estimate", "low", "high"]] = math.nan
    table.loc[withheld, list(INTEGERS)] = pd.NA
    table.loc[withheld, "refusal"] = None
    table["refusal"] = table["refusal"].astype("str")
    for name, columns in blank.items():
        table.loc[table["id"] == name, list(columns)] = pd.NA
    for language in _LOCALE:
        table[f"text_{language}"] = [_text(row, language) for row in table.to_dict("records")]
    return table[list(COLUMNS)].sort_values("id", ignore_index=True)


def _text(row: Mapping, language: str) -> str:
    if row["decision"].startswith("suppressed"):
        return _WITHHELD[language]
    if row["decision"] == "refused":
        return _REFUSED[language]
    count = next((float(row[name]) for name in ("denominator", "n") if not pd.isna(row[name])), None)
    return written(row["estimate"], unit=row["unit"], count=count, language=language, statistic=row["statistic"])


def read_ledger(publication: Path) -> pd.DataFrame:
    """Return the ledger of a publication folder, with the types that `ledger` gives."""
    integers = dict.fromkeys(INTEGERS, "Int64")
    floats = dict.fromkeys(("estimate", "low", "high", "level"), "float64")
    texts = {name: "str" for name in COLUMNS if name not in integers and name not in floats}
    types = {**integers, **floats, **texts}
    table = pd.read_csv(publication / "ledger.csv", dtype=types, keep_default_na=False, na_values=[""])
    for column in ("text_nl", "text_en"):  # `+1,4 procentpunt` is no formula, but was written as if it might be
        table[column] = table[column].str.replace(_INERT, "", regex=True)
    return table
