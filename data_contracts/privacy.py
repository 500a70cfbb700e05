"""The privacy gate: personal data where only pseudonyms and numbers may stand.

Finds citizen service numbers (BSN, by the eleven-test), e-mail addresses, telephone
numbers and Dutch licence plates in identifier columns, and names where a pseudonym is
required. It answers with a truth value a row; the value itself never travels.
"""

import re

import pandas as pd

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
PHONE = re.compile(  # not inside a longer number: case numbers are long too
    r"(?<![\w-])(?:(?:\+31|0031)[\s-]?(?:\(0\))?[\s-]?\d(?:[\s-]?\d){8}"
    r"|06[\s-]?\d{8}|0[1-9]\d[\s-]\d{7}|0[1-9]\d{2}[\s-]\d{6})(?![\d-])"
)
PLATE = re.compile(
    r"[A-Z]{2}-\d{2}-\d{2}|\d{2}-\d{2}-[A-Z]{2}|\d{2}-[A-Z]{2}-\d{2}|[A-Z]{2}-\d{2}-[A-Z]{2}|[A-Z]{2}-[A-Z]{2}-\d{2}"
    r"|\d{2}-[A-Z]{2}-[A-Z]{2}|\d{2}-[A-Z]{3}-\d|\d-[A-Z]{3}-\d{2}|[A-Z]{2}-\d{3}-[A-Z]|[A-Z]-\d{3}-[A-Z]{2}"
)
NINE_DIGITS = re.compile(r"\d{9}")
_WORD = r"[^\W\d_]+(?:[-'’.][^\W\d_]+)*[.,]*"  # also V., V.A. and Anne-Marie
NAME = re.compile(rf"{_WORD}(?:\s+{_WORD})+")
PSEUDONYM = re.compile(r"[A-Za-z]{1,4}-[0-9a-f]{6,}")
PSEUDONYM_COLUMNS = ("subject_id", "reviewer_id")


def is_bsn(text: str) -> bool:
    """Tell whether nine digits pass the eleven-test of the citizen service number.

    Examples
    --------
    >>> is_bsn("111222333"), is_bsn("111222334")
    (True, False)
    """
    digits = [int(digit) for digit in text]
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return len(digits) == 9 and any(digits) and sum(w * d for w, d in zip(weights, digits, strict=True)) % 11 == 0


def personal(values: pd.Series, column: str) -> pd.Series:
    """Return, a row, '' or 'personal'.

    In a pseudonym column one BSN is one too many. In other identifier columns one in
    eleven nine-digit case numbers passes the eleven-test by chance, so these are held
    to be BSNs only when more than half of all nine-digit values pass.

    Parameters
    ----------
    values : Series of str
        Identifiers; missing values are left alone.
    column : str
        Canonical column name.
    """
    distinct = values.dropna().unique()
    bare = {value: re.sub(r"^BSN:?|[\s.]", "", value) for value in distinct}
    nine = [value for value in distinct if NINE_DIGITS.fullmatch(bare[value])]
    passing = {value for value in nine if is_bsn(bare[value])}
    if column not in PSEUDONYM_COLUMNS and len(passing) * 2 <= len(nine):
        passing = set()
    found = {value for value in distinct if value in passing or _pattern(value)}
    if column in PSEUDONYM_COLUMNS:
        # a word may be a name, but letters and hexadecimal digits after a hyphen are a pseudonym
        found |= {value for value in distinct if not re.search(r"\d", value) and not PSEUDONYM.fullmatch(value)}
    return pd.Series(["personal" if value in found else "" for value in values], index=values.index, dtype="str")


def _pattern(value: str) -> bool:
    return bool(
        EMAIL.search(value) or PHONE.search(value) or PLATE.fullmatch(value.upper()) or NAME.fullmatch(value.strip())
    )
