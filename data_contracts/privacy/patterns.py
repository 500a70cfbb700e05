"""How personal data is written: numbers with check digits, addresses, telephone numbers, plates, dates of birth.

Each pattern is as narrow as the numbers of cases and units around it ask: those are long,
have hyphens and years, and must not be taken for somebody's.
"""

import re
from functools import cache

from data_contracts.privacy.names import WORDS
from data_contracts.yaml_file import load_yaml

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^\W\d_]{2,}")
PHONE = re.compile(  # not inside a longer number: case numbers are long too
    r"(?<![\w-])(?:(?:\+31|0031)[\s-]?(?:\(0\))?[\s-]?\d(?:[\s-]?\d){8}"
    r"|\+[1-9]\d{0,2}[\s.-]?(?:\(\d{1,4}\)[\s.-]?)?\d(?:[\s.-]?\d){6,11}|00[1-9]\d[\s-]\d(?:[\s-]?\d){6,11}"
    r"|06[\s-]?\d(?:[\s-]?\d){7}|\(?0[1-9]\d\)?[\s-]\d{3}\s?\d{2}\s?\d{2}|\(?0[1-9]\d\)?[\s-]\d{3}\s?\d{4}"
    r"|\(?0[1-9]\d{2}\)?[\s-]\d{3}\s?\d{3}|\(?0[1-9]\d{2}\)?[\s-]\d{2}\s?\d{2}\s?\d{2}"
    r"|(?:\(\d{3}\)\s?|\d{3}[.-])\d{3}[.-]\d{4})(?![\d-]|\.\d)|(?<![\w-])\((?:0[1-9]\d{1,2})\)\s?\d{6,7}(?![\d-])"
)
_NEW = "[BDFGHJKLNPRSTVXZ]"  # letters of the newer series
PLATE = re.compile(
    r"(?<![\w-])(?:[A-Z]{2}-\d\d-\d\d|\d\d-\d\d-[A-Z]{2}|\d\d-[A-Z]{2}-\d\d|[A-Z]{2}-\d\d-[A-Z]{2}"
    r"|[A-Z]{2}-[A-Z]{2}-\d\d|\d\d-[A-Z]{2}-[A-Z]{2}|\d\d-[A-Z]{3}-\d|\d-[A-Z]{3}-\d\d|[A-Z]{2}-\d{3}-[A-Z]|[A-Z]-\d{3}-[A-Z]{2}"
    rf"|{_NEW}{{3}}-\d\d-{_NEW}|{_NEW}-\d\d-{_NEW}{{3}}|\d-{_NEW}{{2}}-\d{{3}}|\d{{3}}-{_NEW}{{2}}-\d)(?![\w-])"
)
_DAY_IN_WORDS = re.compile(r"\d-(?:JAN|FEB|MRT|MAR|APR|MEI|MAY|JUN|JUL|AUG|SEP|OKT|OCT|NOV|DEC)-\d")  # 1-MRT-20
IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2}(?: ?[A-Z0-9]{3,4})(?: ?[A-Z0-9]{1,4}){0,4}(?!\w)")
POSTCODE_AND_HOUSE = re.compile(
    r"(?<![\w-])[1-9]\d{3} ?[A-Z]{2},? \d{1,5}[a-z]?(?!\w)|\b\d{1,5}[a-zA-Z]?, [1-9]\d{3} ?[A-Z]{2}\b"
)
DATE = re.compile(r"(?:\d{1,2}[-/.]\d{1,2}[-/.](?P<last>\d{4})|(?P<first>\d{4})[-/]\d{1,2}[-/]\d{1,2})(?:[ T]00:00.*)?")
BORN = range(1920, 2007)  # a case number may be written as a date of a later year
NINE_DIGITS = re.compile(r"(?<!\d)[0-9]{9}(?!\d)")
CALENDAR_DAY = re.compile(r"(?:19|20)\d{2}(?:0\d|1[0-2])[0-3]\d|[0-3]\d(?:0\d|1[0-2])(?:19|20)\d{2}")


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


def is_iban(text: str) -> bool:
    """Tell whether a bank account number passes its check digits (ISO 13616, modulo 97).

    Examples
    --------
    >>> is_iban("NL91 ABNA 0417 1643 00"), is_iban("NL92 ABNA 0417 1643 00")
    (True, False)
    """
    bare = text.replace(" ", "")
    return int("".join(str(int(character, 36)) for character in bare[4:] + bare[:4])) % 97 == 1


def is_plate(text: str, *, inside: bool) -> bool:
    """Tell whether a text is a Dutch licence plate or, with `inside`, holds one in capitals."""
    match = PLATE.fullmatch(re.sub(r"\s", "-", text.upper())) or (PLATE.search(text) if inside else None)
    return bool(match and not _case_number_of_unit().fullmatch(match[0]) and not _DAY_IN_WORDS.search(match[0]))


def is_address(text: str, *, inside: bool) -> bool:
    """Tell whether a text is a postcode with a house number or, with `inside`, holds one."""
    match = POSTCODE_AND_HOUSE.search(text) if inside else POSTCODE_AND_HOUSE.fullmatch(text)
    return bool(match and not re.match(r"(?:19|20)\d\d ?[A-Z]", match[0]))  # 2024 AB 12 is a case number


def is_birth_date(text: str, *, any_year: bool) -> bool:
    """Tell whether a text is a date in a year in which an official may have been born, or in any year."""
    match = DATE.fullmatch(text)
    return bool(match and (any_year or int(match["last"] or match["first"]) in BORN))


@cache
def somebodys_number() -> re.Pattern[str]:
    """Return the pattern of a number behind a word that says whose it is: `dienstnr. 123456`."""
    words = "|".join(re.escape(word) for word in sorted(load_yaml(WORDS)["number_words"], key=len, reverse=True))
    return re.compile(
        rf"(?i)(?<![^\W_])(?:{words})(?:\.|nr\.?)?\s?[:#.=-]?\s?(?:[A-Z]{{0,2}}\d{{3,10}}|[A-Z]{{2}}[A-Z0-9]{{6}}\d)(?![\w-])"
    )


@cache
def _case_number_of_unit() -> re.Pattern[str]:
    """AMS-24-1, NN-24-01: unit, year and number, which also fits a licence plate."""
    from data_contracts.code_lists import load_code_lists

    units = "|".join(re.escape(code) for code in load_code_lists()["unit"].codes)
    return re.compile(rf"(?:{units})-\d\d-\d\d?")


def embedded_bsn(text: str) -> bool:
    """Tell whether nine digits within a text pass the eleven-test."""
    return any(is_bsn(match[0]) for match in NINE_DIGITS.finditer(text))
