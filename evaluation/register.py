"""What was delivered, what the contracts left of it, and what is not registered."""

from datetime import date

from data_contracts.case_files import CaseFiles
from data_contracts.checking import Report
from data_contracts.contract import load_contracts
from data_contracts.reporting.report import missingness
from evaluation.period import period
from evaluation.scores import EstimandCard, ModuleResult, Refusal, Score

MISSING_COLUMNS = {"cases": ("category", "exit_kind", "complexity", "criminal_track"), "allegations": ("finding",)}


def evaluate(case_files: CaseFiles, report: Report, *, as_of: date) -> ModuleResult:
    """Count rows delivered, accepted and rejected, and cells not filled.

    *Estimand*: none; these are counts of what stands in the delivery, not of what happened.

    Parameters
    ----------
    case_files : CaseFiles
        Accepted rows.
    report : Report
        Outcome of the check.
    as_of : date
        Reference date.

    Returns
    -------
    ModuleResult
        Ids `register.<table>.{rows,accepted,rejected}.all`,
        `register.<table>.missing_<column>.all` (share of delivered rows without a value) and
        `register.rule_<table>_<rule>.breached.all` (share of rows that break a rule, of
        those to which it applies; rules that nothing broke have no number).
    """
    span = period(case_files, as_of)
    scores, cards, refusals = [], [], []
    for row in report.rows.to_dict("records"):
        for statistic in ("rows", "accepted", "rejected"):
            scores.append(
                Score(
                    id=f"register.{row['table']}.{statistic}.all",
                    estimate=float(row[statistic]),
                    unit="count",
                    n=int(row["rows"]),
                    estimand=f"register.{row['table']}",
                    period=span,
                    as_of=as_of,
                )
            )
        cards.append(_card(row["table"]))
    for row in missingness(report).to_dict("records"):
        if row["column"] in MISSING_COLUMNS.get(row["table"], ()):
            scores.append(
                Score(
                    id=f"register.{row['table']}.missing_{row['column']}.all",
                    estimate=row["missing"] / row["rows"] if row["rows"] else None,
                    unit="share",
                    n=row["rows"],
                    numerator=row["missing"],
                    denominator=row["rows"],
                    estimand=f"register.{row['table']}",
                    period=span,
                    as_of=as_of,
                    refusal=None if row["rows"] else "too_few",
                )
            )
    failed = [count for count in report.rules if count.outcome == "failed" and count.checked]
    for count in failed:
        scores.append(
            Score(
                id=f"register.rule_{count.rule.id.replace('.', '_')}.breached.all",
                estimate=count.breached / count.checked,
                unit="share",
                n=count.checked,
                numerator=count.breached,
                denominator=count.checked,
                estimand="register.rules",
                period=span,
                as_of=as_of,
            )
        )
    if failed:
        cards.append(_rules_card())
    for name, contract in load_contracts().items():
        if name in case_files.absent:
            reason = case_files.absent[name]
            refusals.append(
                Refusal(
                    measure=f"register.{name}",
                    needs=(name,),
                    reason={
                        "nl": f"Het blad {contract.sheet} is er niet: {reason['nl']}.",
                        "en": f"The sheet {contract.sheet} is not there: {reason['en']}.",
                    },
                )
            )
    return ModuleResult("register", tuple(scores), tuple(cards), tuple(refusals), None)


def _card(table: str) -> EstimandCard:
    sheet = load_contracts()[table].sheet
    return _counting_card(
        f"register.{table}",
        {"nl": f"Regels in het blad {sheet}", "en": f"Rows in the sheet {sheet}"},
        {"nl": "alle geleverde regels", "en": "all delivered rows"},
        {"nl": "telling", "en": "count"},
    )


def _rules_card() -> EstimandCard:
    return _counting_card(
        "register.rules",
        {"nl": "Regels die een afspraak van het contract niet volgen", "en": "Rows that break a rule of the contract"},
        {
            "nl": "alle geleverde regels waarvoor de afspraak geldt en de gegevens er zijn",
            "en": "all delivered rows to which the rule applies and for which the data are there",
        },
        {
            "nl": "het aantal regels dat de afspraak niet volgt, gedeeld door het aantal waarvoor zij geldt",
            "en": "rows that break the rule, divided by rows to which it applies",
        },
    )


def _counting_card(
    card_id: str, title: dict[str, str], population: dict[str, str], estimator: dict[str, str]
) -> EstimandCard:
    return EstimandCard(
        id=card_id,
        title=title,
        population=population,
        unit_of_count={"nl": "regel", "en": "row"},
        cohort_basis={"nl": "zoals de levering opgeeft", "en": "as the delivery states"},
        clock={"nl": "geen", "en": "none"},
        missing_and_exits={
            "nl": "een lege cel betekent: niet geregistreerd, niet: niet gebeurd",
            "en": "an empty cell means: not recorded, not: did not happen",
        },
        estimator=estimator,
        interval={"nl": "geen, het is een telling van alle regels", "en": "none, it is a count of all rows"},
    )
