"""The two real step logs, through their procedure files, beside another program and a slow count."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_contracts import procedure
from evaluation.completeness.declare import Rule, check_rule, check_rules, step_log
from evaluation.completeness.declare.procedure_file import read_procedure
from evaluation.duration.working_days import COUNTINGS

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
FILES = Path(procedure.__file__).parent
EXTRACTED = date(2012, 1, 23)  # the day of the last row


def table_of(name):
    path = SHARED_DATA / name / f"{name}.csv.gz"
    if not path.exists():
        pytest.skip(f"the real step log {name} is not on this machine (../shared/data)")
    return pd.read_csv(path, dtype=str)


@pytest.fixture(scope="module")
def receipt():
    table, given = table_of("receipt"), read_procedure(FILES / "receipt.yaml")
    log = given.read_log(table, as_of=EXTRACTED, countings=COUNTINGS)
    return table, log, {found.rule.id: found for found in check_rules(log, given.rules)}


@pytest.fixture(scope="module")
def fines():
    table, given = table_of("traffic_fines"), read_procedure(FILES / "traffic_fines.yaml")
    log = given.read_log(table, as_of=None)
    return table, log, {found.rule.id: found for found in check_rules(log, given.rules)}


# pm4py 2.7.23.11, every case taken as closed, ties in the order of the file:
# pm4py.conformance_declare(log, {template: {pair: {} for pair in pairs} ..}) -> cases that deviate
RECEIPT_PAIRS = (("T02", "T04"), ("T03", "T02"), ("T06", "T10"))
FINES_PAIRS = (("KENN", "VERH"), ("BETA", "INNING"), ("BER-VERZ", "BER-UIT"))
PM4PY = {
    "responded_existence": ((13, 0, 26), (0, 4540, 179)),
    "co_existence": ((13, 1279, 26), (0, 7841, 186)),
    "not_co_existence": ((1303, 37, 1283), (4635, 86, 48)),
    "response": ((14, 3, 26), (0, 4540, 182)),
    "precedence": ((0, 1316, 0), (0, 3301, 10)),
    "succession": ((14, 1316, 26), (0, 7841, 189)),
    "alternate_response": ((42, 3, 83), (0, 4540, 182)),
    "alternate_precedence": ((0, 1316, 0), (0, 3301, 10)),
    "alternate_succession": ((42, 1316, 83), (0, 7841, 189)),
    "chain_response": ((228, 4, 200), (218, 4548, 194)),
    "chain_precedence": ((187, 1316, 118), (218, 3309, 22)),
    "chain_succession": ((228, 1316, 200), (218, 7849, 201)),
}
PM4PY_ONE_STEP = {
    "existence": ((0, 1397, 151), (0, 5374)),
    "absence": ((1434, 37, 1283), (10000, 4626)),
    "exactly": ((0, 1408, 151), (0, 5653)),
    "init": ((0, 1434, 1434), (0, 10000)),
}


def violated(log, template, *steps):
    return check_rule(log, Rule("r", template, *((step,) for step in steps))).counts().cases.violated


def with_codes(table, name, **columns):
    labels = read_procedure(FILES / f"{name}.yaml").log.labels
    return step_log(table.assign(**{columns["step"]: table[columns["step"]].map(labels)}), as_of=None, **columns)


def test_another_program_finds_as_many_violations_in_the_permits(receipt):
    log = with_codes(receipt[0], "receipt", case="case:concept:name", step="concept:name", time="time:timestamp")
    for template, (theirs, _fines) in PM4PY.items():
        assert tuple(violated(log, template, *pair) for pair in RECEIPT_PAIRS) == theirs, template
    for template, (theirs, _fines) in PM4PY_ONE_STEP.items():
        assert tuple(violated(log, template, step) for step in ("ONTV", "T03", "T10")) == theirs, template


def test_another_program_finds_as_many_violations_in_the_fines(fines):
    log = with_codes(fines[0], "traffic_fines", case="case_id", step="activity", time="timestamp", order=".order")
    for template, (_receipt, theirs) in PM4PY.items():
        assert tuple(violated(log, template, *pair) for pair in FINES_PAIRS) == theirs, template
    for template, (_receipt, theirs) in PM4PY_ONE_STEP.items():
        assert tuple(violated(log, template, step) for step in ("OPLEG", "BETA")) == theirs, template


def test_the_logs_are_those_that_the_data_page_describes(receipt, fines):
    table, log, _found = receipt
    assert (len(table), len(log.case_ids), len(log.steps), int(log.open.sum())) == (8577, 1434, 27, 105)
    table, log, _found = fines
    assert (len(table), len(log.case_ids), len(log.steps), int(log.open.sum())) == (34724, 10000, 11, 0)


def test_no_two_steps_of_a_permit_have_one_time_and_many_of_a_fine_do(receipt, fines):
    assert receipt[1].certain
    log = fines[1]
    assert len(log.group) - log.groups == fines[0].duplicated(["case_id", "timestamp"]).sum() == 475


def test_every_permit_begins_with_the_confirmation_and_a_check_goes_before_determining(receipt):
    found = receipt[2]
    assert found["begin_ontv"].cases.satisfied == 1434
    assert (found["ontv_eens"].cases.satisfied, found["ontv_eens"].cases.pending) == (1329, 105)
    assert (found["t02_voor_t04"].cases.satisfied, found["t02_voor_t04"].cases.violated) == (1303, 0)


def traces(table, case, step, time):
    """The rows of each case in order of time, as dictionaries."""
    moment = pd.to_datetime(table[time], utc=True, format="ISO8601")
    rows = table.assign(moment=moment).sort_values([case, "moment"], kind="stable").to_dict("records")
    found = {}
    for row in rows:
        found.setdefault(row[case], []).append((str(row[step]), row))
    return found


def test_the_time_and_condition_rules_of_the_permits_match_a_slow_count(receipt):
    table, _log, found = receipt
    late, on_time, waiting = 0, 0, 0
    alone, apart, perhaps = 0, 0, 0
    by_internet = {"satisfied": 0, "pending": 0, "violated": 0}
    last_day = {"satisfied": 0, "pending": 0, "violated": 0}
    for rows in traces(table, "case:concept:name", "concept:name", "time:timestamp").values():
        first = rows[0][1]
        is_open = pd.isna(first["case:enddate"])
        received = [row["time:timestamp"][:10] for name, row in rows if name.startswith("Confirmation")]
        sent = [row["time:timestamp"][:10] for name, row in rows if name.startswith("T05")]
        if any(0 <= working_days_by_hand(received[0], day) <= 5 for day in sent):
            on_time += 1
        elif is_open and working_days_by_hand(received[0], str(EXTRACTED)) <= 4:
            waiting += 1
        else:
            late += 1
        checkers = {row["org:resource"] for name, row in rows if name.startswith("T02")}
        deciders = {row["org:resource"] for name, row in rows if name.startswith("T04")}
        if checkers & deciders:
            alone += 1
        elif checkers or deciders:
            perhaps, apart = perhaps + is_open, apart + (not is_open)
        if first["case:channel"] == "Internet":
            by_internet["satisfied" if sent else "pending" if is_open else "violated"] += 1
        deadline = first["case:deadline"][:10]
        if any(name.startswith("T10") and row["time:timestamp"][:10] <= deadline for name, row in rows):
            last_day["satisfied"] += 1
        else:
            last_day["pending" if is_open and str(EXTRACTED) < deadline else "violated"] += 1
    assert tally(found["verzonden_5_werkdagen"]) == (on_time, waiting, late)
    assert tally(found["twee_personen"]) == (apart, perhaps, alone)
    assert tally(found["internet_t05"]) == tuple(by_internet.values())
    assert found["internet_t05"].cases.vacuous == 1434 - sum(by_internet.values())
    assert tally(found["t10_op_tijd"]) == tuple(last_day.values())
    assert late > 200 and alone > 1000 and last_day["violated"] > 100  # the rules do distinguish


def tally(found):
    return found.cases.satisfied, found.cases.pending, found.cases.violated


# Algemene termijnenwet, the weekdays among them from October 2010 to January 2012.
HOLIDAYS = ["2011-04-22", "2011-04-25", "2011-05-05", "2011-06-02", "2011-06-13", "2011-12-26"]


def working_days_by_hand(start, end):
    days = pd.date_range(start, end)[1:] if end >= start else []
    return sum(day.weekday() < 5 and f"{day:%Y-%m-%d}" not in HOLIDAYS for day in days) if end >= start else -1


def test_a_penalty_comes_exactly_sixty_days_after_the_notification(fines):
    log = fines[1]
    sixty = Rule("r", "succession", ("KENN",), ("VERH",), within_days=60, not_before_days=60)
    assert check_rule(log, sixty).counts().cases.satisfied == 4635
    assert check_rule(log, sixty).counts().cases.violated == 0
    one_less = Rule("r", "response", ("KENN",), ("VERH",), within_days=59)
    assert check_rule(log, one_less).counts().cases.satisfied == 0


def test_a_fine_paid_on_its_own_day_has_no_known_first_step(fines):
    table, _log, found = fines
    first_day = table.groupby("case_id")["timestamp"].transform("min") == table["timestamp"]
    shared = table[first_day].groupby("case_id").size().gt(1).sum()
    assert found["begin_opleg"].cases.undetermined == shared == 405
    assert found["begin_opleg"].case_bounds() == (0.9595, 1.0)


def test_the_rules_of_the_fines_match_a_slow_count(fines):
    table, _log, found = fines
    for name, first, then, most, fewest in [
        ("verz_90_dagen", "Create Fine", "Send Fine", 90, 0),
        ("verhoging_na_60_dagen", "Insert Fine Notification", "Add penalty", np.inf, 60),
        ("beroep_60_dagen", "Insert Fine Notification", "Insert Date Appeal to Prefecture", 60, 0),
        ("incasso_na_verhoging", "Add penalty", "Send for Credit Collection", np.inf, 0),
    ]:
        verdicts = {"satisfied": 0, "undetermined": 0, "violated": 0}
        for rows in traces(table, "case_id", "activity", "timestamp").values():
            for day in (row["moment"] for step, row in rows if step == then):
                gaps = [(day - row["moment"]).days for step, row in rows if step == first]
                if any(gap > 0 and fewest <= gap <= most for gap in gaps):
                    verdicts["satisfied"] += 1
                else:
                    verdicts["undetermined" if 0 in gaps and fewest == 0 else "violated"] += 1
        counted = found[name].activations
        assert {key: getattr(counted, key) for key in verdicts} == verdicts, name


def test_of_two_payments_before_collection_both_are_counted_in_one_case(fines):
    found = fines[2]["betaald_geen_incasso"]
    assert (found.activations.satisfied, found.activations.violated) == (4824, 86)
    assert found.cases.satisfied == 4540 and found.activation_share(level=0.95).clusters == 4626
