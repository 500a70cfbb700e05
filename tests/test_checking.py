"""What a check keeps, rejects and says; rule by rule is in test_rules."""

import socket
from pathlib import Path

import pytest

from data_contracts import check, read_delivery
from data_contracts.case_files import CaseFiles
from data_contracts.checking import Report
from data_contracts.reporting.report import findings, verdict, write_report


def test_the_example_delivery_is_accepted_without_any_error(checked_example: tuple[Report, CaseFiles]) -> None:
    report, _files = checked_example
    assert report.accepted
    assert not (report.breaches["severity"] == "error").any()
    assert (report.rows["rejected"] == 0).all()


def test_every_rule_of_every_delivered_table_was_run(checked_example: tuple[Report, CaseFiles]) -> None:
    from data_contracts.contract import load_contracts

    ran = {count.rule.id for count in checked_example[0].rules}
    assert ran == {rule.id for contract in load_contracts().values() for rule in contract.rules}


def test_case_files_are_typed_as_documented(checked_example: tuple[Report, CaseFiles]) -> None:
    files = checked_example[1]
    assert str(files.cases["opened_on"].dtype) == "datetime64[s]"
    assert str(files.cases["criminal_track"].dtype) == "boolean"
    assert str(files.subjects["prior_measures"].dtype) == "Int64"
    assert str(files.cases["case_id"].dtype) == "str"


def _csv_delivery(folder: Path, cases: str, cohort: str = "alle") -> Path:
    folder.mkdir()
    (folder / "levering.csv").write_text(
        "eenheid;uittrekmoment;periode_van;periode_tot;cohortbasis;contractversie;teleenheid\n"
        f"AMS;31-12-2021;01-01-2019;31-12-2021;{cohort};1.0.0;onderzoek\n",
        encoding="utf-8",
    )
    (folder / "onderzoeken.csv").write_text(
        "zaaknummer;eenheid;soort;geopend_op;afgesloten_op;stand\n" + cases, encoding="utf-8"
    )
    return folder


def test_identical_rows_count_once_and_conflicting_rows_with_one_number_do_not_count(tmp_path: Path) -> None:
    cases = (
        "001;AMS;disciplinair;01-02-2020;;lopend\n"
        "001;AMS;disciplinair;01-02-2020;;lopend\n"
        "002;AMS;disciplinair;01-02-2020;;lopend\n"
        "002;AMS;disciplinair;01-03-2020;;lopend\n"
        "003;AMS;disciplinair;01-03-2020;;lopend\n"
    )
    report, files = check(read_delivery(_csv_delivery(tmp_path / "d", cases)))
    assert files is not None
    assert list(files.cases["case_id"]) == ["001", "003"]
    keyed = report.breaches[report.breaches["rule"] == "cases.key_unique"]
    assert list(keyed["row"]) == [2, 3, 4, 5]


def test_fifty_closed_cases_and_none_open_are_not_taken_for_all_cases(tmp_path: Path) -> None:
    cases = "".join(f"{n:03};AMS;disciplinair;01-02-2020;01-06-2020;afgesloten\n" for n in range(50))
    report, files = check(read_delivery(_csv_delivery(tmp_path / "d", cases)))
    assert files is None
    assert "delivery.not_closed_only_in_disguise" in set(report.breaches["rule"])


def test_a_closed_only_delivery_is_accepted_with_a_warning_about_duration(tmp_path: Path) -> None:
    cases = "".join(f"{n:03};AMS;disciplinair;01-02-2020;01-06-2020;afgesloten\n" for n in range(50))
    report, files = check(read_delivery(_csv_delivery(tmp_path / "d", cases, "afgesloten")))
    assert files is not None
    assert list(report.breaches["rule"]) == ["delivery.closed_only_gives_no_duration"]
    outcome = {count.rule.id: count.outcome for count in report.rules}
    assert outcome["cases.category_present"] == "not_applicable"  # the column was not delivered at all


def test_a_required_column_that_is_not_there_rejects_the_delivery_by_name(tmp_path: Path) -> None:
    folder = _csv_delivery(tmp_path / "d", "")
    (folder / "onderzoeken.csv").write_text("zaaknummer;soort;geopend_op\n1;klacht;01-02-2020\n", encoding="utf-8")
    report, files = check(read_delivery(folder))
    assert files is None
    titles = [group["title"] for group in findings(report) if group["rule"] == "cases.missing_column"]
    assert titles == ["Verplichte kolom eenheid staat in het blad"]


def test_a_citizen_number_in_a_pseudonym_column_rejects_the_delivery_without_showing_it(tmp_path: Path) -> None:
    folder = _csv_delivery(tmp_path / "d", "1;AMS;klacht;01-02-2020;;lopend\n")
    (folder / "betrokkenen.csv").write_text("zaaknummer;betrokkene_nummer\n1;111222333\n", encoding="utf-8")
    report, files = check(read_delivery(folder))
    assert files is None
    write_report(report, tmp_path)
    written = (tmp_path / "report.html").read_text("utf-8") + (tmp_path / "breaches.csv").read_text("utf-8")
    assert "subjects.subject_id_privacy" in written
    assert "111222333" not in written + verdict(report)


def test_rows_of_a_rejected_case_do_not_count_either(tmp_path: Path) -> None:
    cases = "1;AMS;klacht;01-02-2020;01-01-2020;afgesloten\n2;AMS;klacht;01-02-2020;;lopend\n"
    folder = _csv_delivery(tmp_path / "d", cases)
    (folder / "betrokkenen.csv").write_text(
        "zaaknummer;betrokkene_nummer\n1;B-00000001\n2;B-00000002\n", encoding="utf-8"
    )
    _report, files = check(read_delivery(folder))
    assert files is not None
    assert list(files.subjects["case_id"]) == ["2"]


def test_the_same_case_number_in_two_deliveries_is_a_breach_in_both(tmp_path: Path) -> None:
    one = _csv_delivery(tmp_path / "one", "1;AMS;klacht;01-02-2020;;lopend\n2;AMS;klacht;01-02-2020;;lopend\n")
    two = _csv_delivery(tmp_path / "two", "1;AMS;klacht;01-03-2020;;lopend\n")
    report, _files = check(read_delivery(one) + read_delivery(two))
    doubled = report.breaches[report.breaches["rule"] == "cases.key_unique"]
    assert list(doubled["delivery"]) == ["one", "two"]


def test_checking_contacts_no_other_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    report, _files = check(read_delivery(_csv_delivery(tmp_path / "d", "1;AMS;klacht;01-02-2020;;lopend\n")))
    assert report.accepted
    with pytest.raises(AssertionError, match="a connection was tried"):  # the guard itself works
        socket.create_connection(("127.0.0.1", 9), timeout=1)


def test_a_sheet_that_loses_more_than_a_quarter_of_its_rows_rejects_the_delivery(tmp_path: Path) -> None:
    def cases(wrong: int) -> str:
        days = ["2020/31/12" if n < wrong else "01-02-2020" for n in range(40)]
        return "".join(f"{n:03};AMS;disciplinair;{day};;lopend\n" for n, day in enumerate(days))

    report, files = check(read_delivery(_csv_delivery(tmp_path / "ten", cases(10))))
    assert files is not None and report.accepted
    report, files = check(read_delivery(_csv_delivery(tmp_path / "eleven", cases(11))))
    assert files is None
    (group,) = [group for group in findings(report) if group["rule"] == "cases.too_few_left"]
    assert "datumnotatie" in group["remedy"]
