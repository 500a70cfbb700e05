"""Tables of several deliveries under one another."""

from dataclasses import replace

import pandas as pd

from data_contracts.code_lists import load_code_lists
from data_contracts.reading.tables import Delivery, Table
from data_contracts.rules.one_table import together


def _delivery(name: str, flags: dict[str, list[str]], missing: tuple[str, ...] = ()) -> Delivery:
    rows = len(next(iter(flags.values())))
    places = pd.DataFrame({"file": [name] * rows, "sheet": "onderzoeken", "row": range(2, rows + 2)})
    frame = pd.DataFrame({"case_id": pd.Series([f"{name}{n}" for n in range(rows)], dtype="str")})
    table = Table("cases", frame, pd.DataFrame(flags, dtype="str"), places, {}, {}, missing)
    return Delivery(name, {"cases": table}, (), {}, load_code_lists())


def test_rows_keep_their_delivery_their_place_and_their_flags():
    one = _delivery("een", {"unit:form": ["", "unreadable"], "kind:form": ["", ""]})
    two = _delivery("twee", {"unit:form": ["personal"]}, missing=("kind",))
    cases = together([one, two])["cases"]
    assert cases.frame["_delivery"].tolist() == [0, 0, 1]
    assert cases.frame["case_id"].tolist() == ["een0", "een1", "twee0"]
    assert cases.places["file"].tolist() == ["een", "een", "twee"]
    assert cases.flags["unit:form"].tolist() == ["", "unreadable", "personal"]
    assert (cases.flags["kind:form"] == "").all()


def test_a_column_is_missing_only_when_no_delivery_has_it():
    one, two = (_delivery(name, {"unit:form": [""]}, missing=("kind", name)) for name in ("category", "unit"))
    assert together([one, two])["cases"].missing_columns == ("kind",)


def test_a_table_that_nobody_delivers_is_not_there_and_one_without_rows_is():
    empty = _delivery("leeg", {"unit:form": []})
    assert list(together([empty])) == ["cases"]
    assert together([empty])["cases"].flags["unit:form"].tolist() == []


def test_the_delivered_rows_are_left_as_they_are():
    one = _delivery("een", {"unit:form": [""]})
    before = replace(one.tables["cases"], frame=one.tables["cases"].frame.copy())
    joined = together([one])["cases"].frame
    joined.loc[0, "case_id"] = "anders"
    assert joined["case_id"].tolist() == ["anders"]
    pd.testing.assert_frame_equal(one.tables["cases"].frame, before.frame)
