"""An earlier delivery against a later one: every finding planted in real files and seen, silence on honest ones."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from two_deliveries import NOW, THEN, Tables, national, write_csv_folder, write_workbooks

from data_contracts import read_delivery
from data_contracts.checking import BREACH_COLUMNS, Report
from data_contracts.comparison.compare import Changes, compare, said, write_changes
from data_contracts.comparison.texts import SENTENCES
from data_contracts.language import use_language
from data_contracts.reading.tables import Delivery
from data_contracts.reporting.report import write_report

SMALL = ("delivery", "cases", "subjects", "allegations", "order_measures")
CASE_TABLES = ("cases", "subjects", "allegations", "order_measures")


@pytest.fixture(scope="module")
def honest_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Delivery], list[Delivery]]:
    """The national example at two moments, a year apart, read from the workbooks of thirteen units."""
    folder = tmp_path_factory.mktemp("honest")
    then, now = (write_workbooks(folder / str(day), national(day, cases_per_year=30)) for day in (THEN, NOW))
    return read_delivery(then), read_delivery(now)


@pytest.fixture(scope="module")
def honest(honest_files: tuple[list[Delivery], list[Delivery]]) -> tuple[Changes, Tables, Tables]:
    then, now = (national(day, cases_per_year=30) for day in (THEN, NOW))
    return compare(*honest_files), then, now


def test_two_honest_deliveries_need_no_explanation(honest: tuple[Changes, Tables, Tables]) -> None:
    changes, _then, _now = honest
    assert [finding.text for finding in changes.findings if not finding.expected] == []
    assert said(changes)[1] == "Niets dat uitleg vraagt."
    assert {finding.id for finding in changes.findings} >= {"new", "closed_since"}


def test_what_came_and_closed_is_counted_as_the_registers_know_it(honest: tuple[Changes, Tables, Tables]) -> None:
    changes, then, now = honest
    opened = now["cases"]["opened_on"] > pd.Timestamp(THEN)
    was_open = set(then["cases"].loc[then["cases"]["closed_on"].isna(), "case_id"])
    closed = now["cases"].loc[now["cases"]["closed_on"].notna(), "case_id"]
    counts = changes.cases.counts
    assert counts["new"] == opened.sum() > 0
    assert counts["closed_since"] == closed.isin(was_open).sum() > 0
    assert counts["due"] == len(then["cases"])
    assert {k: counts[k] for k in ("vanished", "late", "reopened", "not_due", "widened")} == dict.fromkeys(
        ("vanished", "late", "reopened", "not_due", "widened"), 0
    )
    for row in changes.tables.to_dict("records"):
        assert (row["earlier"], row["later"]) == (len(then[row["table"]]), len(now[row["table"]])), row["table"]
        assert row["added"] == row["later"] - row["earlier"], row["table"]
        assert row["removed"] == 0, row["table"]


@pytest.fixture(scope="module")
def base() -> tuple[Tables, Tables]:
    """All cases from 2021 on as those of one unit, at two moments: some 50 new ones on 200."""
    start = pd.Timestamp(2021, 1, 1).as_unit("s")
    sides = []
    for day in (THEN, NOW):
        tables = {name: frame for name, frame in national(day, cases_per_year=30).items() if name in SMALL}
        drop_cases(tables, tables["cases"].loc[tables["cases"]["opened_on"] < start, "case_id"])
        tables["delivery"] = tables["delivery"].query("unit == 'AMS'").assign(period_start=start)
        tables["cases"] = tables["cases"].assign(unit="AMS")
        sides.append(tables)
    return sides[0], sides[1]


Spoil = Callable[[Tables, Tables], None]


def drop_cases(tables: Tables, ids: pd.Series) -> None:
    for name in CASE_TABLES:
        tables[name] = tables[name][~tables[name]["case_id"].isin(set(ids))].reset_index(drop=True)


def old_cases(then: Tables, number: int, *, closed: bool = True) -> pd.Series:
    cases = then["cases"]
    return cases.loc[cases["closed_on"].notna() == closed, "case_id"].iloc[:number]


def at(tables: Tables, ids: pd.Series, table: str = "cases") -> pd.Series:
    return tables[table]["case_id"].isin(set(ids))


def days(number: int) -> pd.Timedelta:
    return pd.Timedelta(days=number)


def vanish(then: Tables, now: Tables) -> None:
    drop_cases(now, pd.concat([old_cases(then, 9), old_cases(then, 5, closed=False)]))


def reopen(then: Tables, now: Tables) -> None:
    which = at(now, old_cases(then, 4))
    now["cases"].loc[which, ["closed_on", "exit_kind"]] = pd.NA
    now["cases"].loc[which, "status"] = "lopend"


def close_earlier(then: Tables, now: Tables) -> None:
    since = now["cases"]["case_id"].isin(then["cases"].loc[then["cases"]["closed_on"].isna(), "case_id"])
    which = now["cases"].index[since & now["cases"]["closed_on"].notna()][:3]
    now["cases"].loc[which, "closed_on"] = pd.Timestamp(THEN) - days(20)


def shift(column: str) -> Spoil:
    def spoil(then: Tables, now: Tables) -> None:
        now["cases"].loc[at(now, old_cases(then, 12)), column] -= days(3)

    return spoil


def penalise(*, answered: bool) -> Spoil:
    def spoil(then: Tables, now: Tables) -> None:
        for tables, penalty in ((then, "a"), (now, "d")):
            acts = tables["allegations"]
            which = acts["allegation_id"].isin(then["allegations"].loc[then["allegations"]["decided_on"].notna(),
                                                                     "allegation_id"].iloc[:6])  # fmt: skip
            acts.loc[which, ["first_penalty", "final_penalty"]] = ["a", penalty]
            acts.loc[which, ["objection", "objection_result"]] = [True, pd.NA]
            if answered and penalty == "d":
                acts.loc[which, "objection_result"] = "gewijzigd"

    return spoil


def register_late(then: Tables, now: Tables) -> None:
    drop_cases(then, then["cases"].loc[then["cases"]["opened_on"] > pd.Timestamp(THEN) - days(100), "case_id"])


def record(column: str, value: object, *, side: int = 1) -> Spoil:
    def spoil(*sides: Tables) -> None:
        sides[side]["delivery"] = sides[side]["delivery"].assign(**{column: value})

    return spoil


def as_other_unit(then: Tables, now: Tables) -> None:
    now["delivery"] = now["delivery"].assign(unit="RTD")


def without(table: str, column: str = "", *, side: int = 1) -> Spoil:
    def spoil(*sides: Tables) -> None:
        if column:
            sides[side][table] = sides[side][table].drop(columns=column)
        else:
            del sides[side][table]

    return spoil


def renumber(column: str, change: Callable[[str], str], *tables: str) -> Spoil:
    def spoil(then: Tables, now: Tables) -> None:
        for name in tables:
            now[name][column] = now[name][column].map(change, na_action="ignore")

    return spoil


def give_out_anew(then: Tables, now: Tables) -> None:
    numbers = now["allegations"]["allegation_id"]
    now["allegations"]["allegation_id"] = numbers.sort_values(ascending=False).to_numpy()


def twice(then: Tables, now: Tables) -> None:
    now["cases"] = pd.concat([now["cases"], now["cases"].iloc[[0, 1, 2]]], ignore_index=True)
    now["cases"].loc[len(now["cases"]) - 1, "case_id"] = pd.NA


def lose_rows(then: Tables, now: Tables) -> None:
    kept = ~at(now, then["allegations"]["case_id"].drop_duplicates().iloc[:12], "allegations")
    now["allegations"] = now["allegations"][kept]


def same_again(then: Tables, now: Tables) -> None:
    now.update({name: frame.iloc[::-1] for name, frame in then.items() if name != "delivery"})
    record("period_end", pd.Timestamp(THEN))(then, now)


def empty_column(then: Tables, now: Tables) -> None:
    now["subjects"].loc[at(now, old_cases(then, 80), "subjects"), "tenure_band"] = pd.NA


def unreadable(then: Tables, now: Tables) -> None:
    conduct = now["allegations"]["conduct_from"].astype(object)
    now["allegations"]["conduct_from"] = conduct.where(conduct.isna() | (conduct.index % 5 > 0), "ergens in mei")


def recode(then: Tables, now: Tables) -> None:
    old = now["cases"]["case_id"].isin(then["cases"]["case_id"])
    now["cases"]["complexity"] = now["cases"]["complexity"].mask(old & now["cases"]["complexity"].eq("licht"), "middel")


def recode_all(then: Tables, now: Tables) -> None:
    now["cases"]["complexity"] = now["cases"]["complexity"].replace("licht", "middel")


def new_code(then: Tables, now: Tables) -> None:
    then["cases"]["complexity"] = then["cases"]["complexity"].replace("licht", "middel")
    now["cases"]["complexity"] = now["cases"]["complexity"].mask(now["cases"].index % 3 > 0, "middel")


def new_rows_otherwise(column: str, value: object) -> Spoil:
    def spoil(then: Tables, now: Tables) -> None:
        fresh = now["cases"]["opened_on"] > pd.Timestamp(THEN)
        now["cases"].loc[fresh & (now["cases"].index % 10 > 1), column] = value

    return spoil


def halve(by: Callable[[pd.DataFrame], pd.Series]) -> Spoil:
    def spoil(then: Tables, now: Tables) -> None:
        cases = now["cases"][by(now["cases"])]
        drop_cases(now, cases["case_id"].iloc[: len(cases) * 2 // 3])

    return spoil


def objection_decided(then: Tables, now: Tables) -> None:
    penalise(answered=True)(then, now)


def widen(then: Tables, now: Tables) -> None:
    start = pd.Timestamp(2022, 1, 1).as_unit("s")
    drop_cases(then, then["cases"].loc[then["cases"]["opened_on"] < start, "case_id"])
    record("period_start", start, side=0)(then, now)


def narrow(then: Tables, now: Tables) -> None:
    widen(now, then)


# finding -> (how to plant it, findings that cannot but come along)
PLANTED: dict[str, tuple[Spoil, set[str]]] = {
    "same_file": (lambda then, now: now.update(then), set()),
    "moments_swapped": (record("extracted_at", pd.Timestamp("2024-06-30").as_unit("s")), set()),
    "moments_same": (record("extracted_at", pd.Timestamp(THEN).as_unit("s")), set()),
    "units_gone": (as_other_unit, set()),
    "units_came": (as_other_unit, {"units_gone"}),
    "cohort_differs": (record("cohort_basis", "alle"), set()),
    "counting_unit_differs": (record("counting_unit", "betrokkene"), set()),
    "period_differs": (record("period_start", pd.Timestamp("2020-01-01").as_unit("s")), set()),
    "period_ends_earlier": (record("period_end", pd.Timestamp("2024-11-30").as_unit("s")), set()),
    "version_differs": (record("contract_version", "0.9"), set()),
    "table_went": (without("order_measures"), set()),
    "table_came": (without("order_measures", side=0), set()),
    "column_went": (without("cases", "complexity"), set()),
    "column_came": (without("cases", "complexity", side=0), set()),
    "cases_respelled": (renumber("case_id", lambda n: n.replace("-", "").lower(), *CASE_TABLES), set()),
    "cases_renewed": (renumber("case_id", lambda n: f"X{hash(n) % 10**9}", *CASE_TABLES), set()),
    "pseudonyms_renewed": (renumber("subject_id", lambda n: f"Q-{n[2:]}", *CASE_TABLES[1:]), set()),
    "numbers_renewed": (renumber("allegation_id", lambda n: f"N{n}", "allegations"), set()),
    "reference_changed": (give_out_anew, {"recoded", "outcome_changed", "emptied"}),
    "vanished": (vanish, set()),
    "not_due": (narrow, {"period_differs"}),
    "reopened": (reopen, set()),
    "closed_moved": (shift("closed_on"), set()),
    "opened_moved": (shift("opened_on"), set()),
    "late": (register_late, set()),
    "widened": (widen, {"period_differs"}),
    "new": (lambda then, now: None, set()),
    "closed_since": (lambda then, now: None, set()),
    "closed_late": (close_earlier, set()),
    "outcome_changed": (penalise(answered=False), set()),
    "outcome_by_objection": (objection_decided, set()),
    "keys_unclear": (twice, set()),
    "rows_lost": (lose_rows, set()),
    "nothing_changed": (same_again, set()),
    "emptied": (empty_column, set()),
    "unreadable": (unreadable, {"emptied"}),
    "recoded": (recode, set()),
    "code_gone": (recode_all, {"recoded", "codes_moved"}),
    "code_came": (new_code, {"recoded"}),
    "codes_moved": (new_rows_otherwise("complexity", "zwaar"), set()),
    "missing_moved": (new_rows_otherwise("category", pd.NA), set()),
    "halved_unit": (halve(lambda cases: cases["unit"] == "AMS"), {"vanished", "halved_year", "code_gone"}),
    "halved_year": (halve(lambda cases: cases["opened_on"].dt.year == 2022), {"vanished"}),
}


def spoiled(base: tuple[Tables, Tables], spoil: Spoil, folder: Path) -> tuple[list[Delivery], list[Delivery]]:
    sides = tuple({name: frame.copy() for name, frame in tables.items()} for tables in base)
    spoil(*sides)
    names = zip(("then", "now"), sides, strict=True)
    earlier, later = (read_delivery(write_csv_folder(folder / name, tables)) for name, tables in names)
    return earlier, later


# planted together, in the same two deliveries, where the one does not hide the other
TOGETHER = [
    ("same_file",), ("moments_same", "version_differs", "column_went", "table_came"),
    ("moments_swapped", "counting_unit_differs", "table_went"), ("units_gone", "units_came"),
    ("cohort_differs", "column_came"), ("period_differs",), ("period_ends_earlier",), ("cases_respelled",),
    ("cases_renewed",), ("pseudonyms_renewed", "numbers_renewed"), ("reference_changed",), ("vanished", "emptied"),
    ("reopened", "opened_moved", "closed_late"), ("not_due",), ("widened",), ("late", "closed_moved"),
    ("outcome_changed",), ("outcome_by_objection",), ("keys_unclear", "rows_lost"), ("nothing_changed",),
    ("unreadable", "recoded"), ("code_gone",), ("code_came",), ("codes_moved", "missing_moved"), ("halved_unit",),
    ("halved_year",), ("new", "closed_since"),
]  # fmt: skip


def test_every_sentence_is_planted_once() -> None:
    assert set(PLANTED) == set(SENTENCES)
    assert sorted(name for names in TOGETHER for name in names) == sorted(PLANTED)


@pytest.mark.parametrize("names", TOGETHER, ids="+".join)
def test_what_is_planted_is_found_and_nothing_else(
    names: tuple[str, ...], base: tuple[Tables, Tables], tmp_path: Path
) -> None:
    def spoil(then: Tables, now: Tables) -> None:
        for plant in dict.fromkeys(PLANTED[name][0] for name in names):
            plant(then, now)

    changes = compare(*spoiled(base, spoil, tmp_path))
    assert set(names) <= {finding.id for finding in changes.findings}
    explain = {finding.id for finding in changes.findings if not finding.expected}
    came_along = set().union(*(PLANTED[name][1] for name in names))
    assert explain - set(names) == came_along - set(names), said(changes)
    for tongue in ("nl", "en"):
        use_language(tongue)
        lines = said(changes)
        use_language(None)
        assert not any(re.search(r"[{}]|\bnan\b|None", line) for line in lines)


def test_vanished_cases_are_told_by_unit_year_and_state_and_children_of_kept_cases_are_not_lost(
    base: tuple[Tables, Tables], tmp_path: Path
) -> None:
    changes = compare(*spoiled(base, vanish, tmp_path))
    gone = pd.concat([old_cases(base[0], 9), old_cases(base[0], 5, closed=False)])
    counts, table = changes.cases.counts, changes.cases.vanished
    assert (counts["vanished"], counts["vanished_open"], counts["due"]) == (14, 5, len(base[0]["cases"]))
    years = base[0]["cases"].loc[at(base[0], gone)].groupby(base[0]["cases"]["opened_on"].dt.year).size()
    assert table.groupby("year")["cases"].sum().to_dict() == years.to_dict()
    assert table.loc[table["open"], "cases"].sum() == 5
    assert changes.tables.set_index("table")["lost"].to_dict() == dict.fromkeys(SMALL[1:], 0)
    (finding,) = [f for f in changes.findings if f.id == "vanished"]
    assert finding.severity == "error"
    assert f"14 van de {counts['due']} zaken (7 %)" in finding.text


def test_a_single_vanished_case_is_no_error(base: tuple[Tables, Tables], tmp_path: Path) -> None:
    changes = compare(*spoiled(base, lambda then, now: drop_cases(now, old_cases(then, 1)), tmp_path))
    assert [f.severity for f in changes.findings if f.id == "vanished"] == ["warning"]


def test_no_open_case_vanishes_from_a_delivery_of_what_is_still_open(
    base: tuple[Tables, Tables], tmp_path: Path
) -> None:
    def only_open(then: Tables, now: Tables) -> None:
        for tables in (then, now):
            drop_cases(tables, tables["cases"].loc[tables["cases"]["closed_on"].notna(), "case_id"])
            tables["delivery"] = tables["delivery"].assign(cohort_basis="openstaand")

    counts = compare(*spoiled(base, only_open, tmp_path)).cases.counts
    assert (counts["vanished"], counts["due"]) == (0, 0)
    assert counts["not_due"] > 0  # closed since, or lost: nobody can tell


def test_late_registration_is_counted_from_the_opening_to_the_extraction_that_missed_it(
    base: tuple[Tables, Tables], tmp_path: Path
) -> None:
    changes = compare(*spoiled(base, register_late, tmp_path))
    before = (pd.Timestamp(THEN) - base[0]["cases"]["opened_on"]).dt.days
    bands = {"0–30": before.between(0, 30).sum(), "31–90": before.between(31, 90).sum(),
             "91–365": (before.between(91, 99)).sum(), "> 365": 0}  # fmt: skip
    assert changes.cases.late.set_index("days")["cases"].to_dict() == bands
    assert changes.cases.counts["late"] == (before < 100).sum() == 8
    assert pd.isna(changes.cases.late_median)  # too few for a median


def test_dates_that_moved_are_told_with_the_typical_number_of_days(base: tuple[Tables, Tables], tmp_path: Path) -> None:
    changes = compare(*spoiled(base, shift("closed_on"), tmp_path))
    assert (changes.cases.counts["closed_moved"], changes.cases.closed_shift) == (12, 3.0)
    column = changes.columns.set_index(["table", "column"]).loc[("cases", "closed_on")]
    assert column["changed"] == 12
    assert column["filled"] == changes.cases.counts["closed_since"]


def test_a_case_with_another_spelling_of_the_same_values_is_no_change(
    base: tuple[Tables, Tables], tmp_path: Path
) -> None:
    def respell(then: Tables, now: Tables) -> None:
        now.update({name: frame.copy() for name, frame in then.items() if name != "delivery"})
        now["cases"]["complexity"] = now["cases"]["complexity"].str.upper()
        now["cases"]["opened_on"] = now["cases"]["opened_on"].dt.strftime("%Y-%m-%d").astype("str")

    changes = compare(*spoiled(base, respell, tmp_path))
    assert changes.rows.empty
    assert [f.id for f in changes.findings] == ["nothing_changed"]


def test_another_key_for_pseudonyms_is_one_sentence_and_not_a_changed_row_for_every_subject(
    base: tuple[Tables, Tables], tmp_path: Path
) -> None:
    changes = compare(*spoiled(base, PLANTED["pseudonyms_renewed"][0], tmp_path))
    subjects = changes.tables.set_index("table").loc["subjects"]
    assert changes.pseudonyms_renewed
    assert (subjects["changed"], subjects["removed"]) == (0, 0)
    assert subjects["unchanged"] == len(base[0]["subjects"])
    assert not changes.rows["columns"].str.contains("betrokkene_nummer").any()


def report_on(deliveries: list[Delivery]) -> Report:
    """A report without findings: what a comparison adds to it is the subject here."""
    rows = [(name, name, len(table.frame), len(table.frame), 0) for name, table in deliveries[0].tables.items()]
    return Report(
        tuple(deliveries), (), pd.DataFrame(columns=BREACH_COLUMNS),
        pd.DataFrame(rows, columns=["table", "sheet", "rows", "accepted", "rejected"]), True,
    )  # fmt: skip


def test_places_of_what_changed_are_where_the_rows_stand_and_no_personal_value_is_written(
    base: tuple[Tables, Tables], tmp_path: Path
) -> None:
    earlier, later = spoiled(base, reopen, tmp_path)
    changes = compare(earlier, later)
    write_changes(changes, tmp_path)
    write_report(report_on(later), tmp_path, changes=changes)
    csv = pd.read_csv(tmp_path / "changes.csv", sep=";", encoding="utf-8-sig")
    assert len(csv) == len(changes.rows)
    assert csv["change"].value_counts().to_dict() == {
        kind: changes.tables[kind].sum() for kind in ("added", "changed") if changes.tables[kind].sum()
    }
    reopened = csv[csv["codes"].fillna("").str.contains("stand: afgesloten > lopend")]
    then, now = (d[0].tables["cases"] for d in (earlier, later))
    for row in reopened.to_dict("records"):
        ids = [side.frame.loc[side.places["row"] == row[f"{word}_row"], "case_id"].item()
               for side, word in ((then, "earlier"), (now, "later"))]  # fmt: skip
        assert ids[0] == ids[1]
    assert len(reopened) == changes.cases.counts["reopened"] == 4
    written = (tmp_path / "changes.csv").read_text("utf-8-sig") + (tmp_path / "report.html").read_text("utf-8")
    personal = {
        *base[1]["subjects"]["subject_id"],
        *base[1]["cases"]["case_id"],
        *base[1]["allegations"]["allegation_id"],
    }
    assert not [value for value in personal if value in written]
    assert "Zaken die eerder afgesloten waren en nu open staan: 4 van de" in written


def test_a_file_name_that_a_spreadsheet_would_run_is_written_as_text(
    base: tuple[Tables, Tables], tmp_path: Path
) -> None:
    earlier, later = spoiled(base, reopen, tmp_path)
    places = later[0].tables["cases"].places
    places["file"] = "=cmd.xlsx"
    write_changes(compare(earlier, later), tmp_path)
    csv = pd.read_csv(tmp_path / "changes.csv", sep=";", encoding="utf-8-sig")
    assert set(csv.loc[csv["sheet"] == "onderzoeken", "later_file"].dropna()) == {"'=cmd.xlsx"}


def test_one_unit_of_several_that_is_missing_now_is_no_loss_of_its_cases(
    honest_files: tuple[list[Delivery], list[Delivery]],
) -> None:
    earlier, later = ({d.name: d for d in deliveries} for deliveries in honest_files)
    ams, rtd = "levering_AMS.xlsx", "levering_RTD.xlsx"
    changes = compare([earlier[ams], earlier[rtd]], [later[ams]])
    assert [f.id for f in changes.findings if not f.expected] == ["units_gone"]
    assert changes.cases.counts["not_due"] == len(earlier[rtd].tables["cases"].frame)
