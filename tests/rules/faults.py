"""One named fault for every rule: the smallest change to the sound delivery that breaks it.

What a column declares (form, privacy, required, code list, reference) and every key get
their fault here by derivation; each rule that a contract declares by hand has its own
line in `DECLARED`. A fault that cannot but break a second rule names it, with the reason.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from rules.sound import (
    CASES,
    EXTRACTED,
    FAULTY_CELL,
    OPENED,
    PERIOD_END,
    STEPS_OF_CASE_1,
    Rows,
    case_id,
    on_day,
    sound,
    subject_id,
)

from data_contracts.contract import Column, Contract, load_contracts
from data_contracts.privacy.gate import kind_of

Change = Callable[[Rows, int], None]

DAY = timedelta(days=1)
AFTER_EXTRACTION = EXTRACTED + DAY
FILLER = date(1900, 1, 1)
BEFORE_PERIOD = date(2020, 1, 15)  # before the period of every delivery, within the categories of 2020
MELD_2, TRI_2, ONTV_2 = (len(STEPS_OF_CASE_1) + row for row in range(3))  # rows of case 2 in the sheet stappen
OO_3 = ONTV_2 + 1  # the one row of case 3


@dataclass(frozen=True)
class Fault:
    """What to change, at which rows (from 0) the rule must then object, and what it cannot but break as well."""

    changes: tuple[Change, ...]
    rows: tuple[int, ...]
    also: Mapping[str, str] = field(default_factory=dict)


def fault(*changes: Change, rows: tuple[int, ...] = (0,), also: Mapping[str, str] | None = None) -> Fault:
    return Fault(changes, rows, also or {})


# ---- changes


def put(sheet: str, row: int, **cells: Any) -> Change:
    """Fill cells of one row; a function is asked for the value with the number of the delivery."""

    def change(rows: Rows, number: int) -> None:
        rows[sheet][row] |= {header: cell(number) if callable(cell) else cell for header, cell in cells.items()}

    return change


def step(code: str, **cells: Any) -> Change:
    """Fill cells of one step of case 1."""
    return put("stappen", step_row(code), **cells)


def done(**days: int) -> Change:
    """Date steps of case 1 so many days after its opening."""

    def change(rows: Rows, number: int) -> None:
        for code, day in days.items():
            rows["stappen"][step_row(code)]["gedaan_op"] = on_day(day)

    return change


def undone(*codes: str) -> Change:
    """Make steps of case 1 not done."""

    def change(rows: Rows, number: int) -> None:
        for code in codes:
            rows["stappen"][step_row(code)] |= {"stand": "niet_gedaan", "gedaan_op": None}

    return change


def unrecorded(*codes: str) -> Change:
    """Leave open whether steps of case 1 were done, and when."""

    def change(rows: Rows, number: int) -> None:
        for code in codes:
            rows["stappen"][step_row(code)] |= {"stand": None, "gedaan_op": None}

    return change


def step_row(code: str) -> int:
    return [known for known, *_rest in STEPS_OF_CASE_1].index(code)


def without_step(code: str) -> Change:
    """Take one step of case 1 out of the log."""

    def change(rows: Rows, number: int) -> None:
        del rows["stappen"][step_row(code)]

    return change


def twice(sheet: str, row: int) -> Change:
    """Repeat a row at the end of its sheet."""

    def change(rows: Rows, number: int) -> None:
        rows[sheet].append(dict(rows[sheet][row]))

    return change


def without_steps_of_case_1(rows: Rows, number: int) -> None:
    """Take the whole log of case 1 out."""
    del rows["stappen"][: len(STEPS_OF_CASE_1)]


def another_step(row: int, **cells: Any) -> tuple[Change, Change]:
    """Repeat a step at the end of the sheet, with other cells."""
    return twice("stappen", row), put("stappen", OO_3 + 1, **cells)


def without_cases(*cases: int) -> Change:
    """Take cases out, with every row that belongs to them."""

    def change(rows: Rows, number: int) -> None:
        gone = {case_id(number, case) for case in cases}
        for sheet, table in rows.items():
            rows[sheet] = [row for row in table if row.get("zaaknummer") not in gone]

    return change


def many_closed_cases(rows: Rows, number: int) -> None:
    """Add copies of case 6 until there are fifty cases."""
    rows["onderzoeken"] += [
        dict(rows["onderzoeken"][-1], zaaknummer=case_id(number, case))
        for case in range(10, 60 - len(rows["onderzoeken"]))
    ]


def without_signals(rows: Rows, number: int) -> None:
    """Empty the sheet of signals; its headers stay."""
    rows["meldingen"] = []


ONLY_CASE_4 = without_cases(*(case for case in CASES if case != 4))
NO_OPEN_CASE = without_cases(2)
SIGNAL_WITHOUT_CASE_4 = put("meldingen", 3, zaaknummer=None)


def basis(code: str) -> Change:
    return put("levering", 0, cohortbasis=code)


def one_open_case(opened: date) -> tuple[Change, ...]:
    """Case 4 alone, still open, in a delivery of open cases: no rule looks at its period."""
    return (
        ONLY_CASE_4,
        basis("openstaand"),
        put("onderzoeken", 0, geopend_op=opened, afgesloten_op=None, stand="lopend", wijze_van_einde=None),
        put("meldingen", 0, zaaknummer=None),
    )


# ---- why a second rule must follow

CLOSED_ONLY = {"delivery.closed_only_gives_no_duration": "a closed-only basis is itself that warning"}
END_BEFORE_START = {"cases.closed_after_opened": "no case is opened before 1990 either: that would be a filler as well"}
DECIDED_BEFORE_START = {"allegations.decided_after_opened": "no case is opened before 1990"}
DONE_BEFORE_START = {"steps.step_after_opened": "no case is opened before 1990"}
MELD_IS_OPENING = {"steps.meld_on_opening_day": "the case began on the day of the signal, so the signal was moved"}
CONDUCT_AFTER_SIGNAL = {"allegations.conduct_before_signal": "no signal comes after the extraction either"}
NO_ALLEGATION_AT_ALL = {"subjects.decided_subject_has_allegation": "a case without allegation has none for its person"}
CLOSED_TOO_EARLY = {"steps.nothing_after_sluit": "what is decided after the closing comes after the closing"}
PERIOD_RUNS_ON = {
    "delivery.extracted_after_period_end": "the end lies after the start, so the extraction precedes both"
}


# ---- the rules that the contracts declare by hand

SIGNALS: dict[str, Fault] = {
    "received_on_not_after_extraction": fault(put("meldingen", 4, ontvangen_op=AFTER_EXTRACTION), rows=(4,)),
    "received_on_not_sentinel": fault(
        put("meldingen", 4, ontvangen_op=FILLER, eenheid="PA", categorie="vik_overig"), rows=(4,)
    ),
    "triaged_after_received": fault(put("meldingen", 3, triage_op=date(2022, 5, 1)), rows=(3,)),
    "triaged_on_not_after_extraction": fault(put("meldingen", 4, triage_op=AFTER_EXTRACTION), rows=(4,)),
    "investigated_signal_has_case": fault(put("meldingen", 0, zaaknummer=None)),
    "received_not_after_case": fault(put("meldingen", 0, ontvangen_op=on_day(1))),
    "unit_valid_from": fault(put("meldingen", 4, eenheid="LX"), rows=(4,)),
    "unit_valid_to": fault(put("meldingen", 4, eenheid="LE", ontvangen_op=date(2024, 1, 1)), rows=(4,)),
    "category_valid_from": fault(put("meldingen", 4, ontvangen_op=date(2019, 12, 31)), rows=(4,)),
    "category_valid_to": fault(put("meldingen", 4, categorie="vik_overig"), rows=(4,)),
}

DELIVERY: dict[str, Fault] = {
    "period_in_order": fault(*one_open_case(date(2022, 5, 2)), put("levering", 0, periode_tot=date(2019, 12, 31))),
    "extracted_after_period_start": fault(
        *one_open_case(date(2019, 3, 1)),
        put("onderzoeken", 0, categorie="vik_overig"),
        put("levering", 0, uittrekmoment=date(2019, 12, 31)),
        without_signals,
        also=PERIOD_RUNS_ON,
    ),
    "extracted_after_period_end": fault(put("levering", 0, periode_tot=AFTER_EXTRACTION)),
    "contract_version_known": fault(put("levering", 0, contractversie="0.9.0")),
    "has_cases": fault(without_cases(*CASES)),
    "closed_basis_has_no_open_cases": fault(basis("afgesloten"), also=CLOSED_ONLY),
    "open_basis_has_only_open_cases": fault(basis("openstaand")),
    "not_closed_only_in_disguise": fault(NO_OPEN_CASE, many_closed_cases),
    "closed_only_gives_no_duration": fault(NO_OPEN_CASE, basis("afgesloten")),
}

KLACHT = 3  # the row of case 4

CASES_RULES: dict[str, Fault] = {
    "closed_after_opened": fault(put("onderzoeken", KLACHT, afgesloten_op=date(2022, 5, 1)), rows=(KLACHT,)),
    "opened_on_not_after_extraction": fault(*one_open_case(AFTER_EXTRACTION)),
    "closed_on_not_after_extraction": fault(put("onderzoeken", KLACHT, afgesloten_op=AFTER_EXTRACTION), rows=(KLACHT,)),
    "opened_on_not_sentinel": fault(
        basis("alle"),
        SIGNAL_WITHOUT_CASE_4,
        put("onderzoeken", KLACHT, geopend_op=FILLER, eenheid="PA", categorie="vik_overig"),
        rows=(KLACHT,),
    ),
    "closed_on_not_sentinel": fault(
        put("onderzoeken", KLACHT, afgesloten_op=FILLER), rows=(KLACHT,), also=END_BEFORE_START
    ),
    "open_case_has_no_end": fault(put("onderzoeken", KLACHT, stand="lopend"), rows=(KLACHT,)),
    "closed_case_has_end": fault(put("onderzoeken", KLACHT, afgesloten_op=None, wijze_van_einde=None), rows=(KLACHT,)),
    "closed_case_has_exit_kind": fault(put("onderzoeken", KLACHT, wijze_van_einde=None), rows=(KLACHT,)),
    "open_case_has_no_exit_kind": fault(put("onderzoeken", 1, wijze_van_einde="ingetrokken"), rows=(1,)),
    "opened_in_period": fault(
        SIGNAL_WITHOUT_CASE_4, put("onderzoeken", KLACHT, geopend_op=BEFORE_PERIOD), rows=(KLACHT,)
    ),
    "opened_before_period_end": fault(
        put("onderzoeken", KLACHT, geopend_op=date(2024, 1, 1), afgesloten_op=date(2024, 2, 1)), rows=(KLACHT,)
    ),
    "closed_in_period": fault(
        NO_OPEN_CASE,
        basis("afgesloten"),
        put("meldingen", 2, zaaknummer=None),
        put("onderzoeken", 2, geopend_op=BEFORE_PERIOD, afgesloten_op=BEFORE_PERIOD + DAY),
        rows=(2,),
        also=CLOSED_ONLY,
    ),
    "unit_valid_from": fault(put("onderzoeken", KLACHT, eenheid="LX"), rows=(KLACHT,)),
    "unit_valid_to": fault(
        put("levering", 0, periode_tot=EXTRACTED),
        put("onderzoeken", KLACHT, eenheid="LE", geopend_op=date(2024, 1, 1), afgesloten_op=date(2024, 2, 1)),
        rows=(KLACHT,),
    ),
    "category_valid_from": fault(
        basis("alle"),
        SIGNAL_WITHOUT_CASE_4,
        put("onderzoeken", KLACHT, geopend_op=date(2019, 12, 31)),
        rows=(KLACHT,),
    ),
    "category_valid_to": fault(put("onderzoeken", KLACHT, categorie="vik_overig"), rows=(KLACHT,)),
    "category_present": fault(put("onderzoeken", KLACHT, categorie=None), rows=(KLACHT,)),
    "disciplinary_case_has_subject": fault(put("onderzoeken", KLACHT, soort="disciplinair"), rows=(KLACHT,)),
    "decided_case_has_allegation": fault(
        put("onderzoeken", 4, wijze_van_einde="besluit"),
        *another_step(OO_3, zaaknummer=lambda number: case_id(number, 5), gedaan_op=date(2022, 9, 5)),
        rows=(4,),
        also=NO_ALLEGATION_AT_ALL,
    ),
    "decided_case_has_steps": fault(without_steps_of_case_1),
    "investigating_unit_valid_from": fault(put("onderzoeken", KLACHT, onderzoekende_eenheid="LX"), rows=(KLACHT,)),
    "investigating_unit_valid_to": fault(
        put("levering", 0, periode_tot=EXTRACTED),
        put("onderzoeken", KLACHT, onderzoekende_eenheid="LE", geopend_op=date(2024, 1, 1)),
        put("onderzoeken", KLACHT, afgesloten_op=date(2024, 2, 1)),
        rows=(KLACHT,),
    ),
    "unit_has_staff": fault(put("onderzoeken", KLACHT, eenheid="RR"), rows=(KLACHT,)),
    "closed_before_period_end": fault(
        NO_OPEN_CASE,
        basis("afgesloten"),
        put("onderzoeken", 2, afgesloten_op=PERIOD_END + DAY),
        rows=(2,),
        also=CLOSED_ONLY,
    ),
    "criminal_step_has_suspension": fault(put("onderzoeken", KLACHT, strafrechtelijk_spoor="ja"), rows=(KLACHT,)),
}

SUBJECTS: dict[str, Fault] = {
    "prior_measures_not_negative": fault(put("betrokkenen", 3, eerdere_maatregelen=-1), rows=(3,)),
    "decided_subject_has_allegation": fault(
        twice("betrokkenen", 0), put("betrokkenen", 4, betrokkene_nummer=lambda n: subject_id(n, 8)), rows=(4,)
    ),
}

DECIDED = {"bevinding": "geen_plichtsverzuim"}  # a decision without finding is another fault

ALLEGATIONS: dict[str, Fault] = {
    "conduct_in_order": fault(put("gedragingen", 1, gedraging_tot=date(2023, 8, 31)), rows=(1,)),
    "conduct_before_signal": fault(put("gedragingen", 1, gedraging_tot=date(2023, 10, 3)), rows=(1,)),
    "decided_after_opened": fault(put("gedragingen", 1, besluit_op=date(2023, 10, 1), **DECIDED), rows=(1,)),
    "decided_on_not_after_extraction": fault(put("gedragingen", 1, besluit_op=AFTER_EXTRACTION, **DECIDED), rows=(1,)),
    "decided_on_not_sentinel": fault(
        put("gedragingen", 1, besluit_op=FILLER, **DECIDED), rows=(1,), also=DECIDED_BEFORE_START
    ),
    "decided_case_has_finding": fault(put("gedragingen", 1, besluit_op=date(2024, 1, 8)), rows=(1,)),
    "penalty_needs_finding": fault(put("gedragingen", 0, bevinding="niet_vastgesteld")),
    "penalty_needs_opdr": fault(without_step("OPDR")),
    "penalty_needs_rapp": fault(without_step("RAPP")),
    "penalty_needs_adv": fault(without_step("ADV")),
    "penalty_needs_voorn": fault(without_step("VOORN")),
    "penalty_needs_ziens": fault(without_step("ZIENS")),
    "penalty_needs_besl": fault(without_step("BESL")),
    "expression_needs_agfa": fault(without_step("AGFA")),
    "agfa_before_decision": fault(put("gedragingen", 0, besluit_op=on_day(130))),
    "conditional_needs_probation": fault(put("gedragingen", 0, proeftijd_maanden=None)),
    "probation_is_plausible": fault(put("gedragingen", 0, proeftijd_maanden=61)),
    "objection_result_needs_objection": fault(put("gedragingen", 0, bezwaar="nee")),
    "upheld_penalty_unchanged": fault(put("gedragingen", 0, definitieve_straf="a")),
    "deviation_has_reasons": fault(put("gedragingen", 0, advies_gevolgd="ja", motivering_afwijking="nee")),
    "conduct_from_not_after_extraction": fault(
        put("gedragingen", 1, gedraging_van=AFTER_EXTRACTION, gedraging_tot=None), rows=(1,)
    ),
    "conduct_to_not_after_extraction": fault(
        put("gedragingen", 1, gedraging_tot=AFTER_EXTRACTION), rows=(1,), also=CONDUCT_AFTER_SIGNAL
    ),
    "category_valid_from": fault(
        basis("alle"),
        put("meldingen", 1, ontvangen_op=date(2019, 12, 31), categorie="vik_overig"),
        put("onderzoeken", 1, geopend_op=date(2019, 12, 31), categorie="vik_overig"),
        put("stappen", MELD_2, gedaan_op=date(2019, 12, 31)),
        put("gedragingen", 1, gedraging_van=None, gedraging_tot=None),
        rows=(1,),
    ),
    "category_valid_to": fault(put("gedragingen", 1, categorie="vik_overig"), rows=(1,)),
    "disregarded_advice_has_reasons": fault(put("gedragingen", 0, geadviseerde_straf="h", motivering_afwijking="nee")),
    "decision_keeps_conduct": fault(put("gedragingen", 0, gedraging_ongewijzigd="nee")),
    "execution_not_before_irrevocable": fault(put("gedragingen", 0, uitvoering_bevolen="nee")),
}

STEPS: dict[str, Fault] = {
    "one_row_a_step": fault(twice("stappen", TRI_2), rows=(TRI_2, len(STEPS_OF_CASE_1) + 4)),
    "done_on_not_after_extraction": fault(put("stappen", TRI_2, gedaan_op=AFTER_EXTRACTION), rows=(TRI_2,)),
    "done_on_not_sentinel": fault(
        put("stappen", ONTV_2, stap="OO", stand="gedaan", gedaan_op=FILLER), rows=(ONTV_2,), also=DONE_BEFORE_START
    ),
    "done_step_has_date": fault(put("stappen", ONTV_2, stand="gedaan"), rows=(ONTV_2,)),
    "dated_step_is_done": fault(put("stappen", ONTV_2, gedaan_op=date(2023, 10, 4)), rows=(ONTV_2,)),
    "step_after_opened": fault(
        put("stappen", ONTV_2, stap="OO", stand="gedaan", gedaan_op=date(2023, 10, 1)), rows=(ONTV_2,)
    ),
    "commissioner_is_not_investigator": fault(step("OPDR", rol="onderzoeker"), rows=(step_row("OPDR"),)),
    "decision_on_closing_day": fault(put("onderzoeken", 0, afgesloten_op=on_day(151)), rows=(step_row("BESL"),)),
    "meld_on_opening_day": fault(done(MELD=1), rows=(step_row("MELD"),)),
    "ontv_after_meld": fault(done(MELD=1, ONTV=0), rows=(step_row("ONTV"),), also=MELD_IS_OPENING),
    "reg_after_meld": fault(done(MELD=2), rows=(step_row("REG"),), also=MELD_IS_OPENING),
    "tri_after_meld": fault(unrecorded("REG", "ONTV"), done(MELD=6), rows=(step_row("TRI"),), also=MELD_IS_OPENING),
    "tri_after_reg": fault(done(REG=6), rows=(step_row("TRI"),)),
    "opdr_after_meld": fault(
        unrecorded("ONTV", "REG", "TRI"), done(MELD=21), rows=(step_row("OPDR"),), also=MELD_IS_OPENING
    ),
    "opdr_after_reg": fault(unrecorded("TRI"), done(REG=21), rows=(step_row("OPDR"),)),
    "opdr_after_tri": fault(done(TRI=20), rows=(step_row("OPDR"),)),
    "opdr_after_oo": fault(done(OO=20), rows=(step_row("OPDR"),)),
    "hoorb_after_opdr": fault(done(KENN=19, HOORB=19), rows=(step_row("HOORB"),)),
    "hoorb_after_kenn": fault(done(KENN=41), rows=(step_row("HOORB"),)),
    "hoorg_after_opdr": fault(done(HOORG=19), rows=(step_row("HOORG"),)),
    "midd_after_opdr": fault(done(MIDD=19), rows=(step_row("MIDD"),)),
    "rapp_after_hoorb": fault(undone("WEDER"), done(HOORB=70), rows=(step_row("RAPP"),)),
    "rapp_after_opdr": fault(undone("MIDD", "HOORB", "WEDER"), done(RAPP=20), rows=(step_row("RAPP"),)),
    "rapp_after_midd": fault(done(MIDD=71), rows=(step_row("RAPP"),)),
    "weder_after_hoorb": fault(done(WEDER=40), rows=(step_row("WEDER"),)),
    "rapp_after_weder": fault(done(WEDER=71), rows=(step_row("RAPP"),)),
    "adv_after_rapp": fault(done(ADV=70), rows=(step_row("ADV"),)),
    "vbsl_after_adv": fault(done(VBSL=79), rows=(step_row("VBSL"),)),
    "smo_after_vbsl": fault(done(SMO=84), rows=(step_row("SMO"),)),
    "voorn_after_smo": fault(done(SMO=100), rows=(step_row("VOORN"),)),
    "voorn_after_rapp": fault(unrecorded("ADV", "VBSL", "SMO"), done(RAPP=100), rows=(step_row("VOORN"),)),
    "voorn_after_adv": fault(unrecorded("VBSL", "SMO"), done(ADV=100), rows=(step_row("VOORN"),)),
    "voorn_after_vbsl": fault(unrecorded("SMO"), done(VBSL=100), rows=(step_row("VOORN"),)),
    "ziens_after_voorn": fault(done(ZIENS=100), rows=(step_row("ZIENS"),)),
    "besl_after_ziens": fault(done(ZIENS=150), rows=(step_row("BESL"),)),
    "besl_after_agfa": fault(done(AGFA=150), put("gedragingen", 0, besluit_op=on_day(151)), rows=(step_row("BESL"),)),
    "besl_after_opdr": fault(unrecorded("MIDD", "HOORG", "HOORB", "RAPP"), done(OPDR=151), rows=(step_row("BESL"),)),
    "besl_after_rapp": fault(unrecorded("ADV", "VBSL", "SMO", "VOORN"), done(RAPP=151), rows=(step_row("BESL"),)),
    "besl_after_adv": fault(unrecorded("VBSL", "SMO", "VOORN"), done(ADV=151), rows=(step_row("BESL"),)),
    "besl_after_vbsl": fault(unrecorded("SMO", "VOORN"), done(VBSL=151), rows=(step_row("BESL"),)),
    "besl_after_smo": fault(unrecorded("VOORN"), done(SMO=151), rows=(step_row("BESL"),)),
    "besl_after_voorn": fault(unrecorded("ZIENS"), done(VOORN=151), rows=(step_row("BESL"),)),
    "bekend_after_besl": fault(done(BEKEND=149), rows=(step_row("BEKEND"),)),
    "bezw_after_besl": fault(done(BEZW=149), rows=(step_row("BEZW"),)),
    "beroep_after_bezw": fault(done(BEROEP=189), rows=(step_row("BEROEP"),)),
    "beroep_after_besl": fault(unrecorded("BEZW"), done(BEROEP=149), rows=(step_row("BEROEP"),)),
    "tul_after_besl": fault(done(TUL=149), rows=(step_row("TUL"),)),
    "sluit_after_besl": fault(done(SLUIT=149), rows=(step_row("SLUIT"),), also=CLOSED_TOO_EARLY),
    "nothing_after_sluit": fault(done(SLUIT=259), rows=(step_row("NAZ"),)),
    "straf_means_criminal_track": fault(*another_step(OO_3, stap="STRAF"), rows=(OO_3 + 1,)),
    "investigator_is_not_commissioner": fault(step("HOORG", rol="opdrachtgever"), rows=(step_row("HOORG"),)),
    "penalty_without_step_done": fault(undone("ZIENS"), rows=(step_row("ZIENS"),)),
    "naz_after_besl": fault(done(NAZ=149), rows=(step_row("NAZ"),)),
}

SUSPENSIONS: dict[str, Fault] = {
    "spell_in_order": fault(put("opschortingen", 1, einde_op=date(2023, 10, 31)), rows=(1,)),
    "start_on_not_after_extraction": fault(
        put("opschortingen", 1, begin_op=AFTER_EXTRACTION, einde_op=None), rows=(1,)
    ),
    "end_on_not_after_extraction": fault(put("opschortingen", 1, einde_op=AFTER_EXTRACTION), rows=(1,)),
    "spell_after_opened": fault(put("opschortingen", 0, begin_op=OPENED - DAY)),
    "spell_before_closed": fault(put("opschortingen", 0, einde_op=on_day(151))),
    "spells_do_not_overlap": fault(
        twice("opschortingen", 1),
        put("opschortingen", 2, begin_op=date(2023, 11, 30), einde_op=date(2023, 12, 15)),
        rows=(2,),
    ),
    "earlier_spell_has_ended": fault(
        twice("opschortingen", 1),
        put("opschortingen", 1, einde_op=None),
        put("opschortingen", 2, begin_op=date(2023, 12, 15), einde_op=date(2023, 12, 20)),
        rows=(2,),
    ),
    "closed_case_ends_suspension": fault(put("opschortingen", 0, einde_op=None)),
    "criminal_reason_means_criminal_track": fault(put("opschortingen", 1, reden="strafrechtelijk"), rows=(1,)),
}

ORDER_MEASURES: dict[str, Fault] = {
    "spell_in_order": fault(put("ordemaatregelen", 0, einde_op=on_day(22))),
    "start_on_not_after_extraction": fault(put("ordemaatregelen", 2, begin_op=AFTER_EXTRACTION), rows=(2,)),
    "suspension_at_most_six_months": fault(
        put("ordemaatregelen", 2, soort="schorsing", einde_op=date(2024, 4, 10)), rows=(2,)
    ),
    "open_suspension_within_term": fault(put("ordemaatregelen", 2, soort="schorsing"), rows=(2,)),
    "extension_within_term": fault(put("ordemaatregelen", 1, einde_op=date(2021, 9, 1)), rows=(1,)),
    "open_extension_within_term": fault(put("ordemaatregelen", 1, einde_op=None), rows=(1,)),
    "older_text_extends_once": fault(
        twice("ordemaatregelen", 1),
        put("ordemaatregelen", 1, einde_op=on_day(119)),
        put("ordemaatregelen", 3, maatregel_nummer=lambda n: f"{n:05d}-M4", verlenging_van=lambda n: f"{n:05d}-M2"),
        put("ordemaatregelen", 3, begin_op=on_day(120)),
        rows=(3,),
    ),
    "extension_starts_later": fault(put("ordemaatregelen", 1, begin_op=on_day(10), einde_op=on_day(20)), rows=(1,)),
    "extension_of_same_kind": fault(put("ordemaatregelen", 1, soort="toegangsontzegging"), rows=(1,)),
    "extension_of_same_person": fault(
        put(
            "ordemaatregelen", 2, soort="schorsing", einde_op=date(2023, 12, 1), verlenging_van=lambda n: f"{n:05d}-M1"
        ),
        rows=(2,),
    ),
    "measures_do_not_overlap": fault(put("ordemaatregelen", 1, begin_op=on_day(89)), rows=(1,)),
    "earlier_measure_has_ended": fault(
        put("ordemaatregelen", 0, soort="toegangsontzegging", einde_op=None),
        put("ordemaatregelen", 1, soort="toegangsontzegging"),
        rows=(1,),
    ),
    "measure_after_opened": fault(put("ordemaatregelen", 0, begin_op=OPENED - DAY)),
    "penalty_is_no_order_measure": fault(
        put("ordemaatregelen", 1, begin_op=on_day(150), einde_op=on_day(160)), rows=(1,)
    ),
}

REVIEWS: dict[str, Fault] = {
    "read_on_not_after_extraction": fault(put("dossierbeoordelingen", 1, gelezen_op=AFTER_EXTRACTION), rows=(1,)),
}

STAFFING: dict[str, Fault] = {
    "year_is_plausible": fault(put("formatie", 0, eenheid="PA", jaar=1999)),
    "year_not_after_extraction": fault(put("formatie", 0, jaar=2025)),
    "unit_valid_from": fault(put("formatie", 0, eenheid="LX", jaar=2023)),
    "unit_valid_to": fault(put("formatie", 0, eenheid="LE", jaar=2024)),
    "headcount_is_plausible": fault(put("formatie", 0, bezetting=0)),
}

DECLARED: dict[str, Fault] = {
    f"{table}.{rule}": found
    for table, rules in {
        "delivery": DELIVERY, "signals": SIGNALS, "cases": CASES_RULES, "subjects": SUBJECTS,
        "allegations": ALLEGATIONS, "steps": STEPS, "suspensions": SUSPENSIONS, "order_measures": ORDER_MEASURES,
        "reviews": REVIEWS, "staffing": STAFFING,
    }.items()
    for rule, found in rules.items()
}  # fmt: skip


# ---- not a fault: everything on the last day or at the last number that is still allowed

ON_THE_EDGE: tuple[Change, ...] = (
    put("levering", 0, periode_van=date(2019, 12, 31), periode_tot=EXTRACTED),
    put("meldingen", 2, ontvangen_op=date(2020, 1, 1), triage_op=date(2020, 1, 1)),
    put("meldingen", 3, ontvangen_op=date(2019, 12, 31), triage_op=date(2019, 12, 31), categorie="vik_overig"),
    put("meldingen", 4, ontvangen_op=EXTRACTED, triage_op=EXTRACTED),
    put("onderzoeken", 2, geopend_op=date(2020, 1, 1), afgesloten_op=date(2020, 1, 1)),
    put("onderzoeken", 3, geopend_op=date(2019, 12, 31), categorie="vik_overig"),
    put("onderzoeken", 4, geopend_op=date(2023, 12, 31), afgesloten_op=date(2023, 12, 31), eenheid="LE"),
    put("onderzoeken", 5, geopend_op=date(2024, 1, 1), afgesloten_op=EXTRACTED, eenheid="LX"),
    many_closed_cases,  # fifty cases, of which one is open
    put("betrokkenen", 0, eerdere_maatregelen=50),
    put("gedragingen", 0, gedraging_tot=OPENED, proeftijd_maanden=60),
    twice("gedragingen", 1),
    put("gedragingen", 1, gedraging_tot=date(2023, 10, 2), besluit_op=EXTRACTED, proeftijd_maanden=1, **DECIDED),
    put("gedragingen", 2, gedraging_nummer=lambda number: f"{number:05d}-G3", besluit_op=date(2023, 10, 2), **DECIDED),
    done(
        MELD=0,
        ONTV=0,
        REG=0,
        TRI=0,
        OO=0,
        OPDR=1,
        KENN=1,
        HOORB=1,
        HOORG=1,
        MIDD=1,
        WEDER=2,
        RAPP=2,
        ADV=3,
        VBSL=3,
        SMO=3,
    ),
    done(VOORN=4, ZIENS=5, AGFA=149, BESL=150, BEKEND=150, BEZW=150, BEROEP=150, NAZ=150, TUL=150, SLUIT=150),
    put("stappen", TRI_2, gedaan_op=EXTRACTED),
    put("opschortingen", 0, begin_op=OPENED, einde_op=on_day(150)),
    put("opschortingen", 1, begin_op=EXTRACTED, einde_op=EXTRACTED),
    put("ordemaatregelen", 0, begin_op=date(2021, 3, 24), einde_op=date(2021, 9, 24)),
    put("ordemaatregelen", 1, soort="buitenfunctiestelling", verlenging_van=None),
    put("ordemaatregelen", 2, begin_op=EXTRACTED, einde_op=EXTRACTED),
    put("dossierbeoordelingen", 1, gelezen_op=EXTRACTED),
    twice("formatie", 0),
    put("formatie", 0, eenheid="PA", jaar=2000, bezetting=1),
    put("formatie", 1, eenheid="LX", jaar=2024, bezetting=100_000),
)
IN_ONE_DAY: tuple[Change, ...] = (
    ONLY_CASE_4,
    put("levering", 0, periode_van=EXTRACTED, periode_tot=EXTRACTED),
    put("onderzoeken", 0, geopend_op=EXTRACTED, afgesloten_op=EXTRACTED),
    put("meldingen", 0, ontvangen_op=EXTRACTED, triage_op=EXTRACTED),
)
ONLY_OPEN_CASES: tuple[Change, ...] = one_open_case(date(2022, 5, 2))


# ---- the rules that follow from what a column declares

# The row at which a cell can go wrong without another rule noticing.
ROW = {
    "delivery": 0, "signals": 4, "cases": KLACHT, "subjects": 3, "allegations": 1, "steps": ONTV_2, "suspensions": 1,
    "order_measures": 2, "reviews": 1, "staffing": 0,
}  # fmt: skip
OTHER_ROW = {("cases", "closed_on"): 1, ("cases", "exit_kind"): 1, ("steps", "case_id"): TRI_2}
WRONG_FORM = {"date": "ergens in mei", "boolean": "misschien", "integer": "twee", "string": FAULTY_CELL}
PERSONAL = ("steekproef@voorbeeld.nl", "06 12345678", "AB-123-C", "Voornaam van Achternaam")
TEST_BSN = "111222333"
OPEN_TWICE = {"order_measures.earlier_measure_has_ended": "the measure that stands there twice is still open"}
NO_SUCH_CASE = "who belongs to no known case is no subject of it"


def derived() -> dict[str, Fault]:
    """Return the faults of all rules that no contract spells out, by rule id."""
    faults: dict[str, Fault] = {}
    for contract in load_contracts().values():
        for place, column in enumerate(contract.columns):
            faults |= _column_faults(contract, column, PERSONAL[place % len(PERSONAL)])
        if contract.primary_key:
            row, end = ROW[contract.name], len(sound()[contract.sheet])
            also = OPEN_TWICE if contract.name == "order_measures" else {}
            faults[f"{contract.name}.key_unique"] = fault(twice(contract.sheet, row), rows=(row, end), also=also)
    return faults


def _column_faults(contract: Contract, column: Column, personal: str) -> dict[str, Fault]:
    name = f"{contract.name}.{column.name}"
    row = OTHER_ROW.get((contract.name, column.name), ROW[contract.name])
    has_subject = contract.name in ("allegations", "order_measures") and column.refers_to == "cases.case_id"
    of_no_case = {f"{contract.name}.subject_id_refers": NO_SUCH_CASE} if has_subject else {}
    before = (SIGNAL_WITHOUT_CASE_4,) if name == "cases.case_id" else ()

    def cell(value: Any, also: Mapping[str, str]) -> Fault:
        return fault(*before, put(contract.sheet, row, **{column.header: value}), rows=(row,), also=also)

    faults = {f"{name}_form": cell(WRONG_FORM[column.logical_type], of_no_case)}
    kind = kind_of(column)
    secret = {"pseudonym": TEST_BSN, "identifier": personal, "code": PERSONAL[0]}[kind]
    faults[f"{name}_privacy"] = cell(secret, of_no_case)
    if column.required:
        faults[f"{name}_required"] = cell(None, of_no_case)
    if column.code_list:
        faults[f"{name}_known_code"] = cell("bestaat_niet", {})
    if column.refers_to:
        stranger = {
            "cases.case_id": lambda number: case_id(number, 9),
            "subjects.subject_id": lambda number: subject_id(number, 9),
            "order_measures.order_measure_id": lambda number: f"{number:05d}-M9",
        }
        faults[f"{name}_refers"] = cell(stranger[column.refers_to], of_no_case)
    return faults
