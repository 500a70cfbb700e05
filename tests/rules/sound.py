"""A small sound delivery: six cases, all ten sheets, nothing that any rule objects to.

`sound(number)` gives it as plain values by Dutch sheet and header. The number goes into
every identifier and into the keys of the delivery and the staffing, so that hundreds of
deliveries can be checked together without sharing a key. `write_workbook` and
`write_folder` put the values into a file as a records officer would.

| case | kind         | what it is for                                                   |
|------|--------------|------------------------------------------------------------------|
| 1    | disciplinair | decided with a penalty; all 27 steps done, one reading           |
| 2    | disciplinair | open; an undecided allegation, few steps, an order measure       |
| 3    | orienterend  | ended without a sequel                                           |
| 4    | klacht       | nothing refers to it but its signal                              |
| 5    | disciplinair | ended by own resignation                                         |
| 6    | klacht       | has a subject that nothing refers to                             |
"""

import csv
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from data_contracts.contract import load_contracts

Row = dict[str, Any]
Rows = dict[str, list[Row]]

CASES = (1, 2, 3, 4, 5, 6)
EXTRACTED = date(2024, 6, 30)
PERIOD_END = date(2023, 12, 31)
OPENED = date(2021, 3, 1)
STAFFED_UNITS = ("NN", "ON", "MN", "NH", "AMS", "DH", "RTD", "ZWB", "OB", "LB")

# step, days after the opening of case 1, role
STEPS_OF_CASE_1 = (
    ("MELD", 0, "meldpunt"), ("ONTV", 3, "meldpunt"), ("REG", 1, "administratie"), ("TRI", 5, "casemanager"),
    ("OO", 12, "onderzoeker"), ("STRAF", 14, "openbaar_ministerie"), ("OPDR", 20, "opdrachtgever"),
    ("KENN", 22, "casemanager"), ("ORDE", 23, "bevoegd_gezag"), ("MIDD", 30, "onderzoeker"),
    ("HOORG", 35, "onderzoeker"), ("HOORB", 40, "onderzoeker"), ("WEDER", 60, "betrokkene"),
    ("RAPP", 70, "onderzoeker"), ("ADV", 80, "jurist"), ("VBSL", 85, "bevoegd_gezag"), ("SMO", 90, "commissie"),
    ("VOORN", 100, "bevoegd_gezag"), ("ZIENS", 120, "betrokkene"), ("AGFA", 130, "commissie"),
    ("BESL", 150, "bevoegd_gezag"), ("BEKEND", 152, "administratie"), ("TUL", 160, "leidinggevende"),
    ("BEZW", 190, "betrokkene"), ("BEROEP", 250, "betrokkene"), ("NAZ", 260, "leidinggevende"),
    ("SLUIT", 270, "administratie"),
)  # fmt: skip


class FaultyCell:
    """A cell that cannot be read: an Excel error in a workbook, a control character in csv."""


FAULTY_CELL = FaultyCell()


def case_id(number: int, case: int) -> str:
    """Return the case number of one of the six cases; the zeros in front must stay."""
    return f"{number:05d}-Z{case}"


def subject_id(number: int, case: int) -> str:
    """Return the pseudonym of the subject of a case."""
    return f"B-{number:05x}{case:03x}"


def on_day(days: int) -> date:
    """Return the day so many days after the opening of case 1."""
    return OPENED + timedelta(days=days)


def sound(number: int = 0, *, staffing: bool = True) -> Rows:
    """Return the sound delivery with that number: sheet -> rows -> header -> value.

    There are not enough units and years for hundreds of deliveries: `staffing` False leaves that sheet empty.
    """
    return {
        "levering": _delivery(number),
        "meldingen": _signals(number),
        "onderzoeken": _cases(number),
        "betrokkenen": _subjects(number),
        "gedragingen": _allegations(number),
        "stappen": _steps(number),
        "opschortingen": _suspensions(number),
        "ordemaatregelen": _order_measures(number),
        "dossierbeoordelingen": _reviews(number),
        "formatie": [
            {"eenheid": STAFFED_UNITS[number % 10], "jaar": 2013 + number // 10 % 12, "bezetting": 4000},
        ]
        if staffing
        else [],
    }


def _table(headers: str, rows: Iterable[tuple]) -> list[Row]:
    return [dict(zip(headers.split(), row, strict=True)) for row in rows]


def _delivery(n: int) -> list[Row]:
    return _table(
        "eenheid uittrekmoment periode_van periode_tot cohortbasis contractversie teleenheid",
        [("AMS", EXTRACTED, date(2021, 1, 1) - timedelta(days=n), PERIOD_END, "geopend", "1.0.0", "onderzoek")],
    )


def _signals(n: int) -> list[Row]:
    rm = "rm_positie_belangen"
    return _table(
        "meldingnummer eenheid ontvangen_op bron categorie triage_uitkomst triage_op zaaknummer",
        [
            (f"{n:05d}-S1", "AMS", OPENED, "collega", rm, "onderzoek", on_day(5), case_id(n, 1)),
            (f"{n:05d}-S2", "AMS", date(2023, 10, 2), "burger", rm, "onderzoek", date(2023, 10, 9), case_id(n, 2)),
            (f"{n:05d}-S3", "AMS", date(2022, 2, 1), "extern", rm, "orienterend", date(2022, 2, 1), case_id(n, 3)),
            (f"{n:05d}-S4", "AMS", date(2022, 5, 2), "burger", rm, "klacht", date(2022, 5, 4), case_id(n, 4)),
            (f"{n:05d}-S5", "AMS", date(2022, 6, 1), "systeem", "rm_informatie", "terzijde", None, None),
        ],
    )


def _cases(n: int) -> list[Row]:
    return _table(
        "zaaknummer eenheid onderzoekende_eenheid soort geopend_op afgesloten_op stand wijze_van_einde categorie "
        "zwaarte strafrechtelijk_spoor",
        [
            (case_id(n, 1), "AMS", "MN", "disciplinair", OPENED, on_day(150), "afgesloten", "besluit",
             "rm_positie_belangen", "zwaar", "ja"),
            (case_id(n, 2), "AMS", "AMS", "disciplinair", date(2023, 10, 2), None, "lopend", None,
             "rm_omgangsvormen", "middel", "nee"),
            (case_id(n, 3), "AMS", "AMS", "orienterend", date(2022, 2, 1), date(2022, 4, 1), "afgesloten",
             "geen_vervolg", "rm_prive", "licht", "nee"),
            (case_id(n, 4), "AMS", None, "klacht", date(2022, 5, 2), date(2022, 7, 1), "afgesloten", "geen_vervolg",
             "rm_omgangsvormen", "licht", "nee"),
            (case_id(n, 5), "AMS", "AMS", "disciplinair", date(2022, 9, 1), date(2023, 1, 16), "afgesloten",
             "eigen_ontslag", "rm_financieel", "middel", "nee"),
            (case_id(n, 6), "AMS", None, "klacht", date(2023, 2, 1), date(2023, 3, 1), "afgesloten", "ingetrokken",
             "rm_overig", "licht", None),
        ],
    )  # fmt: skip


def _subjects(n: int) -> list[Row]:
    return _table(
        "zaaknummer betrokkene_nummer rangband functiegroep dienstjaren eerdere_maatregelen",
        [
            (case_id(n, 1), subject_id(n, 1), "brigadier", "recherche", "15-24", 1),
            (case_id(n, 2), subject_id(n, 2), "agent_hoofdagent", "noodhulp_basis", "5-14", 0),
            (case_id(n, 5), subject_id(n, 5), "ondersteunend", "ondersteuning", "25+", None),
            (case_id(n, 6), subject_id(n, 6), "inspecteur", "leiding", "0-4", 0),
        ],
    )


def _allegations(n: int) -> list[Row]:
    decided = {
        "gedraging_nummer": f"{n:05d}-G1", "zaaknummer": case_id(n, 1), "betrokkene_nummer": subject_id(n, 1),
        "categorie": "rm_positie_belangen", "gedraging_van": date(2021, 1, 4), "gedraging_tot": date(2021, 2, 1),
        "discriminatie": "nee", "verdovende_middelen": "nee", "rijden_onder_invloed": "nee", "uiting_grondrecht": "ja",
        "bevinding": "plichtsverzuim_vastgesteld", "geadviseerde_straf": "j", "eerste_straf": "h",
        "definitieve_straf": "h", "voorwaardelijk": "ja", "proeftijd_maanden": 24, "besluit_op": on_day(150),
        "bezwaar": "ja", "bezwaar_uitkomst": "gehandhaafd", "motivering_afwijking": "ja",
        "advies_gevolgd": "nee", "gedraging_ongewijzigd": "ja", "uitvoering_bevolen": "ja",
    }  # fmt: skip
    undecided = {
        "gedraging_nummer": f"{n:05d}-G2", "zaaknummer": case_id(n, 2), "betrokkene_nummer": subject_id(n, 2),
        "categorie": "rm_omgangsvormen", "gedraging_van": date(2023, 9, 1), "gedraging_tot": date(2023, 9, 1),
    }  # fmt: skip
    return [decided, dict.fromkeys(decided) | undecided]


def _steps(n: int) -> list[Row]:
    return _table(
        "zaaknummer betrokkene_nummer stap stand gedaan_op bewijsstuk rol",
        [
            *((case_id(n, 1), subject_id(n, 1) if days > 20 else None, step, "gedaan", on_day(days), "ja", role)
              for step, days, role in STEPS_OF_CASE_1),
            (case_id(n, 2), None, "MELD", "gedaan", date(2023, 10, 2), "ja", "meldpunt"),
            (case_id(n, 2), None, "TRI", "gedaan", date(2023, 10, 9), None, "casemanager"),
            (case_id(n, 2), subject_id(n, 2), "ONTV", "niet_gedaan", None, "nee", None),
            (case_id(n, 3), None, "OO", "gedaan", date(2022, 3, 1), "ja", "onderzoeker"),
        ],
    )  # fmt: skip


def _suspensions(n: int) -> list[Row]:
    return _table(
        "zaaknummer begin_op einde_op reden",
        [
            (case_id(n, 1), on_day(14), on_day(18), "strafrechtelijk"),
            (case_id(n, 2), date(2023, 11, 1), date(2023, 12, 1), "ziekte"),
        ],
    )


def _order_measures(n: int) -> list[Row]:
    return _table(
        "maatregel_nummer zaaknummer betrokkene_nummer soort begin_op einde_op verlenging_van",
        [
            (f"{n:05d}-M1", case_id(n, 1), subject_id(n, 1), "schorsing", on_day(23), on_day(90), None),
            (f"{n:05d}-M2", case_id(n, 1), subject_id(n, 1), "schorsing", on_day(91), on_day(150), f"{n:05d}-M1"),
            (f"{n:05d}-M3", case_id(n, 2), subject_id(n, 2), "toegangsontzegging", date(2023, 10, 9), None, None),
        ],
    )


def _reviews(n: int) -> list[Row]:
    return _table(
        "zaaknummer lezer item oordeel gelezen_op",
        [
            (case_id(n, 1), "L-01", "motivering", "voldoende", date(2024, 6, 3)),
            (case_id(n, 1), "L-02", "motivering", "onvoldoende", date(2024, 6, 4)),
        ],
    )


def headers(sheet: str) -> list[str]:
    """Return the headers of a sheet in the order of its contract."""
    return next(
        [c.header for c in contract.columns] for contract in load_contracts().values() if contract.sheet == sheet
    )


def write_workbook(rows: Rows, path: Path) -> Path:
    """Write an .xlsx with text as text and dates as real Excel dates."""
    with xlsxwriter.Workbook(str(path)) as book:
        day_format = book.add_format({"num_format": "dd-mm-yyyy"})
        for sheet, table in rows.items():
            page = book.add_worksheet(sheet)
            page.write_row(0, 0, headers(sheet))
            for number, row in enumerate(table, start=1):
                for place, header in enumerate(headers(sheet)):
                    _write_cell(page, number, place, row.get(header), day_format)
    return path


def _write_cell(page: Any, row: int, place: int, value: Any, day_format: Any) -> None:
    if isinstance(value, FaultyCell):
        page.write_formula(row, place, "=NA()", None, "#N/A")
    elif isinstance(value, date):
        page.write_datetime(row, place, value, day_format)
    elif isinstance(value, int):
        page.write_number(row, place, value)
    elif value is not None:
        page.write_string(row, place, value)


def write_folder(rows: Rows, folder: Path) -> Path:
    """Write a folder with a csv file a sheet, as a Dutch Excel saves it: semicolons, dd-mm-jjjj."""
    folder.mkdir(parents=True)
    for sheet, table in rows.items():
        with (folder / f"{sheet}.csv").open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(headers(sheet))
            writer.writerows([[_text(row.get(header)) for header in headers(sheet)] for row in table])
    return folder


def _text(value: Any) -> str:
    if isinstance(value, FaultyCell):
        return "\x07"
    if isinstance(value, date):
        return value.strftime("%d-%m-%Y")
    return "" if value is None else str(value)
