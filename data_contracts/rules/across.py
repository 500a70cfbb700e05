"""Rules over several deliveries that are checked together: who delivered, once, of the same moment and kind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_contracts.code_lists import load_code_lists
from data_contracts.contract import Text, load_contracts
from data_contracts.language import _
from data_contracts.reading.tables import Delivery, Table
from data_contracts.rules.widening import DELIVERY

FAR_OFF = pd.Timestamp(2200, 1, 1)
DAYS_APART = 31  # extraction moments and bounds of periods may differ so much
EXECUTES_ONLY = {"RR"}  # in the list of units, but has no cases of its own (DOMAIN §5)


@dataclass(frozen=True)
class AcrossRule:
    """One rule over deliveries: severity and scope as in a contract, `column` of `delivery` to mark."""

    severity: str
    scope: str
    column: str
    title: Text
    remedy: Text


RULES = {
    "file_once": AcrossRule(
        "error", "delivery", "",
        {"nl": "Elk bestand is één keer geleverd", "en": "Every file is delivered once"},
        {"nl": "Deze bestanden zijn precies gelijk. Haal er een weg, of lever het bestand dat hier had moeten staan.",
         "en": "These files are exactly alike. Remove one, or deliver the file that should have been here."},
    ),
    "one_extraction_per_unit": AcrossRule(
        "error", "delivery", "extracted_at",
        {"nl": "Een eenheid levert over een periode één keer", "en": "A unit delivers once for a period"},
        {"nl": "Van deze eenheid zijn er leveringen van verschillende uittrekmomenten over dezelfde periode. "
               "Controleer alleen de nieuwste; vergelijk met de eerdere via --against.",
         "en": "This unit has deliveries with different extraction moments for the same period. Check the newest "
               "only; compare it with the earlier one by --against."},
    ),
    "case_in_one_delivery": AcrossRule(
        "warning", "row", "case_id",
        {"nl": "Een zaak staat in één levering", "en": "A case is in one delivery"},
        {"nl": "Dit zaaknummer staat ook in de genoemde levering. Is de zaak overgedragen, laat dan alleen de "
               "eenheid van de betrokkene haar leveren. Zijn het twee zaken, zet dan de code van de eenheid voor het "
               "nummer.",
         "en": "This case number is in the other delivery that is named as well. If the case was transferred, let "
               "only the unit of the person concerned deliver it. If these are two cases, put the unit's code before "
               "the number."},
    ),
    "every_unit_delivers": AcrossRule(
        "info", "delivery", "unit",
        {"nl": "Elke eenheid van de lijst levert", "en": "Every unit of the list delivers"},
        {"nl": "Van de genoemde eenheden is er geen levering. Vraag haar op, of houd er rekening mee dat uitkomsten "
               "niet landelijk zijn.",
         "en": "There is no delivery of the units that are named. Ask for it, or bear in mind that results are not "
               "national."},
    ),
    "one_contract_version": AcrossRule(
        "warning", "delivery", "contract_version",
        {"nl": "Alle leveringen volgen dezelfde contractversie", "en": "All deliveries follow the same contract "
               "version"},
        {"nl": "Lever volgens de nieuwste contractversie, zodat kolommen en codes overal hetzelfde betekenen.",
         "en": "Deliver by the newest contract version, so that columns and codes mean the same everywhere."},
    ),
    "extractions_together": AcrossRule(
        "warning", "delivery", "extracted_at",
        {"nl": f"Uittrekmomenten liggen ten hoogste {DAYS_APART} dagen uiteen",
         "en": f"Extraction moments are at most {DAYS_APART} days apart"},
        {"nl": "De evaluatie rekent tot het vroegste uittrekmoment; wat andere leveringen daarna nog weten telt niet "
               "mee. Trek de vroegste levering opnieuw uit.",
         "en": "The evaluation goes up to the earliest extraction moment; what other deliveries know after that does "
               "not count. Extract the earliest delivery again."},
    ),
    "one_period": AcrossRule(
        "warning", "delivery", "period_start",
        {"nl": "Alle leveringen dekken dezelfde periode", "en": "All deliveries cover the same period"},
        {"nl": "Aantallen per eenheid zijn alleen te vergelijken over een gelijke periode. Maak de periode gelijk, "
               "of houd er rekening mee.",
         "en": "Numbers by unit can only be compared over the same period. Make the period the same, or bear it in "
               "mind."},
    ),
    "one_cohort_basis": AcrossRule(
        "warning", "delivery", "cohort_basis",
        {"nl": "Alle leveringen hebben dezelfde cohortbasis", "en": "All deliveries have the same cohort basis"},
        {"nl": "Zaken die op verschillende gronden zijn gekozen, geven samen een scheef beeld van duur en uitkomst. "
               "Lever overal dezelfde cohortbasis, liefst geopend of alle.",
         "en": "Cases chosen on different grounds together give a skewed picture of duration and outcome. Deliver the "
               "same cohort basis everywhere, preferably geopend or alle."},
    ),
    "one_counting_unit": AcrossRule(
        "warning", "delivery", "counting_unit",
        {"nl": "Alle leveringen tellen hetzelfde", "en": "All deliveries count the same thing"},
        {"nl": "Een regel in het blad onderzoeken is niet overal hetzelfde. Lever overal per onderzoek.",
         "en": "A row in the sheet onderzoeken is not the same everywhere. Deliver by investigation everywhere."},
    ),
    "pseudonym_in_one_unit": AcrossRule(
        "info", "row", "subject_id",
        {"nl": "Een pseudoniem staat bij één eenheid", "en": "A pseudonym stands at one unit"},
        {"nl": "Pseudoniemen van deze eenheden komen overeen. Gebruiken zij één sleutel, dan is het dezelfde persoon. "
               "Heeft elk een eigen nummering, maak haar dan per eenheid anders.",
         "en": "Pseudonyms of these units agree. If they use one key, this is the same person. If each has its own "
               "numbering, make it different by unit."},
    ),
}  # fmt: skip
ACROSS: dict[str, dict[str, Text]] = {
    name: {"title": rule.title, "remedy": rule.remedy} for name, rule in RULES.items()
}
"""Title and remedy by the part of the rule id after `delivery.`, for the report."""


def across(deliveries: Sequence[Delivery], tables: Mapping[str, Table]) -> pd.DataFrame:
    """Return what is wrong between deliveries that are fine one by one.

    Parameters
    ----------
    deliveries : sequence of Delivery
        Checked together.
    tables : mapping
        Table -> the rows of all deliveries, with the number of the delivery in `_delivery`.

    Returns
    -------
    DataFrame
        Breaches, with the columns of `checking.BREACH_COLUMNS`. A header may say in brackets
        what the place does not: the other place, by how many days, which units.
    """
    found = [_same_files(deliveries), *_extracted_twice(deliveries, tables["delivery"])]
    twice = {name for part in found for name in part["delivery"]}  # the cause of all that these would give further on
    once = {number for number, delivery in enumerate(deliveries) if delivery.name not in twice}
    records = tables["delivery"]
    found += [*_coded_otherwise(deliveries, records), *_days_apart(deliveries, records, once)]
    found += [*_units_missing(deliveries, tables), *_shared_cases(deliveries, tables["cases"], once)]
    found += [*_shared_pseudonyms(deliveries, tables, once)]
    return pd.concat([part for part in found if len(part)] or found[:1], ignore_index=True)


def _breaches(
    name: str,
    deliveries: Sequence[Delivery],
    table: Table,
    labels: Sequence[int],
    details: Sequence[str],
    *,
    column: str = "",
) -> pd.DataFrame:
    rule = RULES[name]
    column = column or rule.column
    default = load_contracts()[table.name].column(column).header, ""
    headers = [d.tables[table.name].headers.get(column, default) if table.name in d.tables else default
               for d in deliveries]  # fmt: skip
    numbers = table.frame[DELIVERY].loc[labels].tolist()
    places = table.places.loc[labels]
    return pd.DataFrame(
        {
            "rule": f"delivery.{name}",
            "severity": rule.severity,
            "scope": rule.scope,
            "table": table.name,
            "delivery": [deliveries[number].name for number in numbers],
            "file": places["file"].to_numpy(),
            "sheet": places["sheet"].to_numpy(),
            "row": places["row"].to_numpy(),
            "column": [headers[number][1] for number in numbers],
            "header": [f"{headers[number][0]} ({detail})" for number, detail in zip(numbers, details, strict=True)],
            "label": labels,
        }
    )


def files_of(delivery: Delivery, table: str) -> dict[str, str]:
    """Return the files that hold a table: SHA-256 -> name."""
    names = set(delivery.tables[table].places["file"])
    return {source.sha256: source.name for source in delivery.sources if source.name in names}


def _same_files(deliveries: Sequence[Delivery]) -> pd.DataFrame:
    """Files with cases that are the same byte for byte: other tables may well be alike, as empty csv files are."""
    rule = RULES["file_once"]
    files = pd.DataFrame(
        [("delivery.file_once", rule.severity, rule.scope, "delivery", delivery.name, name, "", 0, "", "", -1, sha256)
         for delivery in deliveries for sha256, name in files_of(delivery, "cases").items()],
        columns=["rule", "severity", "scope", "table", "delivery", "file", "sheet", "row", "column", "header", "label",
                 "sha256"],
    )  # fmt: skip
    twice = files[files.duplicated("sha256", keep=False)]
    return twice.sort_values("sha256", kind="stable").drop(columns="sha256")


def _extracted_twice(deliveries: Sequence[Delivery], table: Table) -> Iterator[pd.DataFrame]:
    """Find deliveries of one unit from different moments over periods that overlap."""
    for _unit, records in table.frame.dropna(subset=["unit", "extracted_at"]).groupby("unit"):
        records = records.sort_values("period_start", kind="stable", na_position="first")
        ended = records["period_end"].fillna(FAR_OFF).cummax().shift()
        apart = (records["period_start"] > ended).to_numpy()  # from all records before it
        for _part, rows in records.groupby(np.cumsum(apart)):
            if rows["extracted_at"].nunique() > 1:
                rows = rows.sort_index()
                days = (rows["extracted_at"].max() - rows["extracted_at"]).dt.days
                details = [_("{days} dagen voor de nieuwste", days=n) if n else _("de nieuwste") for n in days]
                yield _breaches("one_extraction_per_unit", deliveries, table, rows.index, details)


def _coded_otherwise(deliveries: Sequence[Delivery], table: Table) -> Iterator[pd.DataFrame]:
    """Find versions, cohort bases and counting units that are not the same everywhere."""
    for name in ("one_contract_version", "one_cohort_basis", "one_counting_unit"):
        values = table.frame[RULES[name].column].dropna()
        common = values.mode()
        odd = values[values != common[0]] if len(common) else values
        if len(odd):
            details = [_("{value}; de meeste {common}", value=value, common=common[0]) for value in odd]
            yield _breaches(name, deliveries, table, odd.index, details)


def _days_apart(deliveries: Sequence[Delivery], table: Table, once: set[int]) -> Iterator[pd.DataFrame]:
    """Find units whose extraction moment or period lies far from that of the others."""
    frame = table.frame[table.frame[DELIVERY].isin(once)]
    if frame["unit"].nunique() < 2:
        return  # the parts of one unit's delivery may each have a period of their own
    before = (frame["extracted_at"].max() - frame["extracted_at"]).dt.days
    if (early := before[before > DAYS_APART]).any():
        details = [_("{days} dagen voor de laatste", days=int(days)) for days in early]
        yield _breaches("extractions_together", deliveries, table, early.index, details)
    validity = load_code_lists()["unit"].codes
    began = frame["unit"].map({code: pd.Timestamp(e.valid_from) for code, e in validity.items() if e.valid_from})
    for column in ("period_start", "period_end"):
        days = frame[column].dropna()
        apart = (days - days.mode().min()).dt.days if len(days) else pd.Series(dtype=int)
        odd = apart[apart.abs() > DAYS_APART]
        if column == "period_start":  # a unit that did not exist yet could not start with the others
            odd = odd[~(began.loc[odd.index] > days.mode().min())]
        if len(odd):
            details = [_("{days} dagen later dan de meeste", days=n) if n > 0
                       else _("{days} dagen eerder dan de meeste", days=-n) for n in odd]  # fmt: skip
            yield _breaches("one_period", deliveries, table, odd.index, details, column=column)


def _units_missing(deliveries: Sequence[Delivery], tables: Mapping[str, Table]) -> Iterator[pd.DataFrame]:
    """Name the units of the national list that existed at extraction and of which there is nothing."""
    records, units = tables["delivery"].frame, load_code_lists()["unit"]
    if records["unit"].nunique() < 2 or deliveries[0].code_lists.get("unit") != units:
        return
    there = set(records["unit"]) | set(tables["cases"].frame["unit"])
    day = records["extracted_at"].max()
    missing = [
        code for code, entry in units.codes.items()
        if code not in there and code not in EXECUTES_ONLY
        and not (entry.valid_from and pd.Timestamp(entry.valid_from) > day)
        and not (entry.valid_to and pd.Timestamp(entry.valid_to) < day)
    ]  # fmt: skip
    if missing:
        detail = _("geen levering van {units}", units=", ".join(missing))
        yield _breaches("every_unit_delivers", deliveries, tables["delivery"], records.index[:1], [detail])


def _shared_cases(deliveries: Sequence[Delivery], table: Table, once: set[int]) -> Iterator[pd.DataFrame]:
    """Find cases in more than one delivery, each place naming another; the places of one case together."""
    rows = table.frame.loc[table.frame[DELIVERY].isin(once), [DELIVERY, "case_id"]].dropna()
    rows = rows[rows["case_id"].isin(rows.drop_duplicates().loc[lambda r: r["case_id"].duplicated(), "case_id"])]
    if rows.empty:
        return
    firsts = rows.drop_duplicates().assign(label=lambda r: r.index).sort_values(["case_id", DELIVERY], kind="stable")
    # the next delivery that has the case, and for the last one the first
    firsts["other"] = firsts.groupby("case_id")["label"].shift(-1)
    firsts["other"] = firsts["other"].fillna(firsts.groupby("case_id")["label"].transform("first")).astype(int)
    rows = rows.assign(label=rows.index).merge(firsts.drop(columns="label"), on=["case_id", DELIVERY])
    rows = rows.sort_values(["case_id", "label"], kind="stable")
    others = table.places.loc[rows["other"]]
    details = [_("ook in {file}, rij {row}", file=file, row=row)
               for file, row in zip(others["file"], others["row"], strict=True)]  # fmt: skip
    yield _breaches("case_in_one_delivery", deliveries, table, rows["label"].tolist(), details)


def _shared_pseudonyms(
    deliveries: Sequence[Delivery], tables: Mapping[str, Table], once: set[int]
) -> Iterator[pd.DataFrame]:
    """For each two units that share pseudonyms give the first such row, with how many there are."""
    if "subjects" not in tables:
        return
    units = tables["delivery"].frame.groupby(DELIVERY)["unit"].first()
    table = tables["subjects"]
    rows = table.frame[[DELIVERY, "subject_id"]].assign(label=table.frame.index)
    rows["unit"] = rows[DELIVERY].map(units).where(rows[DELIVERY].isin(once))
    rows = rows.dropna().drop_duplicates(["unit", "subject_id"])
    both = rows.merge(rows, on="subject_id", suffixes=("", "_other"))
    both = both[both["unit"] != both["unit_other"]]
    for (_unit, other), shared in both.groupby(["unit", "unit_other"]):
        detail = _("{n} ook bij {unit}", n=len(shared), unit=other)
        yield _breaches("pseudonym_in_one_unit", deliveries, table, [int(shared["label"].min())], [detail])
