"""Every constraint that the procedure, the code lists and the delivery ask for, and the rules that check it.

A constraint without rules says why no program can check it with the columns there are.
"""

import pytest

from data_contracts.case_files import CaseFiles
from data_contracts.checking import Report
from data_contracts.contract import TABLES, load_contracts
from data_contracts.procedure import order_rules, steps

RULES = {rule.id: rule for contract in load_contracts().values() for rule in contract.rules}


def named(table: str, *names: str) -> list[str]:
    return [f"{table}.{name}" for name in names]


PENALTY_STEPS = ("opdr", "rapp", "adv", "voorn", "ziens", "besl")

# The rows of the table of steps, "order or time rule", as they stand there.
ORDER = {
    "MELD first": named("steps", "step_after_opened", "meld_on_opening_day", "ontv_after_meld", "reg_after_meld"),
    "REG before later steps": named("steps", "tri_after_reg", "opdr_after_reg"),
    "MELD <= TRI < OPDR": named("steps", "tri_after_meld", "opdr_after_tri", "opdr_after_meld"),
    "OO before OPDR": named("steps", "opdr_after_oo"),
    "OPDR <= first hearing": named("steps", "hoorg_after_opdr", "hoorb_after_opdr"),
    "commissioner is not investigator": named(
        "steps", "commissioner_is_not_investigator", "investigator_is_not_commissioner"
    ),
    "KENN <= HOORB": named("steps", "hoorb_after_kenn"),
    "suspension <= 6 months per decision": named("order_measures", "suspension_at_most_six_months"),
    "MIDD between OPDR and RAPP": named("steps", "midd_after_opdr", "rapp_after_midd"),
    "HOORG >= OPDR": named("steps", "hoorg_after_opdr"),
    "HOORB >= KENN, < RAPP": named("steps", "hoorb_after_kenn", "rapp_after_hoorb"),
    "HOORB < WEDER <= RAPP": named("steps", "weder_after_hoorb", "rapp_after_weder"),
    "RAPP > OPDR": named("steps", "rapp_after_opdr"),
    "ADV > RAPP": named("steps", "adv_after_rapp"),
    "VBSL >= ADV": named("steps", "vbsl_after_adv"),
    "VBSL <= SMO < VOORN": named("steps", "smo_after_vbsl", "voorn_after_smo", "voorn_after_vbsl"),
    "VOORN > SMO": named("steps", "voorn_after_smo", "voorn_after_adv", "voorn_after_rapp"),
    "VOORN < ZIENS < BESL": named("steps", "ziens_after_voorn", "besl_after_ziens", "besl_after_voorn"),
    "AGFA < BESL": [*named("steps", "besl_after_agfa"), *named("allegations", "agfa_before_decision")],
    "BESL after all above": named(
        "steps", "besl_after_opdr", "besl_after_rapp", "besl_after_adv", "besl_after_vbsl", "besl_after_smo"
    ),
    "BEKEND >= BESL": named("steps", "bekend_after_besl"),
    "TUL not before irrevocable": [
        *named("steps", "tul_after_besl"), *named("allegations", "execution_not_before_irrevocable"),
    ],
    "BEZW after BESL": named("steps", "bezw_after_besl"),
    "BEROEP >= BEZW": named("steps", "beroep_after_bezw", "beroep_after_besl"),
    "NAZ >= BESL": named("steps", "naz_after_besl"),
    "SLUIT last": named("steps", "sluit_after_besl", "nothing_after_sluit"),
}  # fmt: skip
CONSTRAINTS = {
    "penalty => OPDR, RAPP, ADV, VOORN, BESL present": named(
        "allegations", *(f"penalty_needs_{step}" for step in PENALTY_STEPS)
    ),
    "penalty => ZIENS used or waived": named("steps", "penalty_without_step_done"),
    "penalty => finding": named("allegations", "penalty_needs_finding"),
    "flag uiting => AGFA before BESL": named("allegations", "expression_needs_agfa", "agfa_before_decision"),
    "suspension over six months => extension, by the version of that date": named(
        "order_measures", "suspension_at_most_six_months", "extension_within_term", "older_text_extends_once",
        "open_suspension_within_term", "open_extension_within_term",
    ),
    "an extension belongs to its measure": named(
        "order_measures", "extension_starts_later", "extension_of_same_kind", "extension_of_same_person",
        "extension_of_refers",
    ),
    "suspension as penalty is no order measure": named("order_measures", "penalty_is_no_order_measure"),
    "conditional => probation": named("allegations", "conditional_needs_probation", "probation_is_plausible"),
    "execution before irrevocable => reprimand or ordered": named("allegations", "execution_not_before_irrevocable"),
    "decision deviating from BAC, SMO or Agfa advice => reasons": named(
        "allegations", "deviation_has_reasons", "disregarded_advice_has_reasons"
    ),
    "open criminal interval => start and end of the suspension": [
        *named("cases", "criminal_step_has_suspension"), *named("steps", "straf_means_criminal_track"),
        *named("suspensions", "closed_case_ends_suspension", "criminal_reason_means_criminal_track",
               "start_on_required"),
    ],
    "commissioner is not investigator": ORDER["commissioner is not investigator"],
    "unit code valid on the date": [
        f"{table}.{unit}_valid_{bound}"
        for table, unit in (("cases", "unit"), ("cases", "investigating_unit"), ("signals", "unit"),
                            ("staffing", "unit"))
        for bound in ("from", "to")
    ],
    "RR only executes": named("cases", "unit_has_staff"),
    "category valid on the date": [
        f"{table}.category_valid_{bound}" for table in ("cases", "signals", "allegations") for bound in ("from", "to")
    ],
    "conduct ends <= MELD": named("allegations", "conduct_before_signal", "conduct_in_order"),
    "conduct the same in VOORN and BESL": named("allegations", "decision_keeps_conduct"),
    "first and final outcome agree when upheld": named(
        "allegations", "upheld_penalty_unchanged", "objection_result_needs_objection"
    ),
    # across tables
    "a decided disciplinary case has steps, subjects and allegations": [
        *named("cases", "decided_case_has_steps", "disciplinary_case_has_subject", "decided_case_has_allegation"),
        *named("subjects", "decided_subject_has_allegation"),
    ],
    "an investigated signal has its case": named("signals", "investigated_signal_has_case", "case_id_refers"),
    "signal and case begin alike": named("signals", "received_not_after_case"),
    "subjects of allegations and measures exist": [
        *named("allegations", "subject_id_refers"), *named("order_measures", "subject_id_refers"),
        *named("steps", "subject_id_refers"),
    ],
    "spells do not overlap": [
        *named("order_measures", "measures_do_not_overlap", "earlier_measure_has_ended"),
        *named("suspensions", "spells_do_not_overlap", "earlier_spell_has_ended"),
    ],
    "spells lie within the case": [
        *named("suspensions", "spell_after_opened", "spell_before_closed"),
        *named("order_measures", "measure_after_opened"),
    ],
    # the delivery
    "closed only": named("delivery", "closed_only_gives_no_duration", "not_closed_only_in_disguise"),
    "extraction moment after every date": [
        *named("signals", "received_on_not_after_extraction", "triaged_on_not_after_extraction"),
        *named("cases", "opened_on_not_after_extraction", "closed_on_not_after_extraction"),
        *named("allegations", "conduct_from_not_after_extraction", "conduct_to_not_after_extraction",
               "decided_on_not_after_extraction"),
        *named("steps", "done_on_not_after_extraction"),
        *named("suspensions", "start_on_not_after_extraction", "end_on_not_after_extraction"),
        *named("order_measures", "start_on_not_after_extraction"),
        *named("reviews", "read_on_not_after_extraction"), *named("staffing", "year_not_after_extraction"),
        *named("delivery", "extracted_after_period_start", "extracted_after_period_end"),
    ],
    "cohort basis against the data": [
        *named("delivery", "closed_basis_has_no_open_cases", "open_basis_has_only_open_cases"),
        *named("cases", "opened_in_period", "opened_before_period_end", "closed_in_period",
               "closed_before_period_end"),
    ],
    "contract version": named("delivery", "contract_version_known"),
}  # fmt: skip
NOT_CHECKED = {
    "order_measures.end_on after the extraction moment": "a measure is decided for a term: its last day may lie ahead",
    "TUL before the end of objection and appeal": "the delivery has no date of the decision on objection",
    "ONTV within 7 days, complaint within 10 or 14 weeks, objection within 6 weeks": "norms: scored, not refused",
    "delay of KENN has a reason": "no column holds the reason",
    "the commissioner is another person than the investigator": "roles only: a delivery holds no persons of the police",
    "conduct periods of VOORN and BESL themselves": "one yes or no says whether they agree",
    "a counting unit other than the investigation": "the tables have one row a case whatever the unit counts elsewhere",
}


@pytest.mark.parametrize("constraint", [*ORDER, *CONSTRAINTS])
def test_every_constraint_has_its_rules(constraint: str):
    rules = (ORDER | CONSTRAINTS)[constraint]
    assert rules and set(rules) <= set(RULES), set(rules) - set(RULES)


def test_what_is_not_checked_says_why_and_is_not_checked():
    assert all(NOT_CHECKED.values())
    assert not NOT_CHECKED.keys() & (ORDER | CONSTRAINTS).keys()
    assert "order_measures.end_on_not_after_extraction" not in RULES


def test_every_date_that_must_precede_the_extraction_moment_has_its_rule():
    may_lie_ahead = {"delivery.extracted_at", "delivery.period_start", "delivery.period_end", "order_measures.end_on"}
    dates = {
        f"{name}.{column.name}"
        for name in TABLES
        for column in load_contracts()[name].columns
        if column.logical_type == "date"
    }
    checked = {rule.removesuffix("_not_after_extraction") for rule in RULES if rule.endswith("_not_after_extraction")}
    assert dates - may_lie_ahead == checked - {"staffing.year"}


def test_a_step_without_a_date_does_not_hide_that_its_neighbours_changed_places():
    """Between two steps that follow from one another stands at most a step that no file may lack."""
    direct = {(rule.first, rule.then) for rule in order_rules(steps())}
    direct |= {("RAPP", "VOORN"), ("ADV", "VOORN"), ("VBSL", "VOORN"), ("BESL", "BEROEP")}
    declared = {
        (rule.kwargs["column_B"][len("steps[step=") :].partition("]")[0], rule.when[0]["is"])
        for rule in RULES.values()
        if rule.table == "steps" and rule.kwargs.get("column_B", "").startswith("steps[step=")
    }
    assert direct <= declared
    never_lacking = {"MELD", "OPDR", "RAPP", "BESL"}  # mandatory in every decided case

    def reached(first: str, through: set[str]) -> set[str]:
        """Steps after `first` by rules whose steps in between are all in `through`."""
        found, waiting = set(), {first}
        while waiting:
            step = waiting.pop()
            for then in {b for a, b in declared if a == step} - found:
                found.add(then)
                if then in through:
                    waiting.add(then)
        return found

    codes = {step.code for step in steps()}
    for first in ("MELD", "REG", "TRI", "OO", "OPDR", "RAPP", "ADV", "VBSL", "SMO", "VOORN", "BESL"):
        hidden = reached(first, codes) - reached(first, never_lacking)
        # what an optional step still hides: hearings before the report, and the chain before the assignment
        assert hidden <= {"SMO", "ZIENS", "VBSL", "WEDER"}, (first, hidden)


def test_every_rule_that_rests_on_a_source_names_it_and_what_is_not_confirmed_is_no_more_than_a_warning():
    for rule in RULES.values():
        if "[B]" in rule.source or "[I]" in rule.source:
            assert rule.severity != "error", rule.id
    assert RULES["order_measures.older_text_extends_once"].severity == "info"


def test_an_honest_delivery_has_no_errors_and_warnings_only_for_what_was_planted(
    checked_example: tuple[Report, CaseFiles],
):
    breaches = checked_example[0].breaches
    assert breaches[breaches["severity"] == "error"].empty
    planted = {
        "allegations.deviation_has_reasons", "allegations.expression_needs_agfa",
        *(f"allegations.penalty_needs_{step}" for step in PENALTY_STEPS),
        "order_measures.open_suspension_within_term", "order_measures.suspension_at_most_six_months",
        "steps.adv_after_rapp", "steps.hoorb_after_kenn", "steps.opdr_after_tri", "steps.voorn_after_smo",
    }  # fmt: skip
    assert set(breaches.loc[breaches["severity"] == "warning", "rule"]) <= planted
