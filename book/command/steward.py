"""The data steward's commands: a blank workbook, a check, a mapping, pseudonyms, an example."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from book.command.progress import step
from data_contracts.errors import RejectedDelivery, WrongUse
from data_contracts.language import _

if TYPE_CHECKING:
    from data_contracts.case_files import CaseFiles
    from data_contracts.checking import Report
    from data_contracts.reading.tables import Delivery

FIRST_FINDINGS = 12
REPORT_MARKS = ("report.html", "breaches.csv")

Deliveries = Annotated[list[Path], typer.Argument(help="DELIVERY…", metavar="DELIVERY...")]
MappingNames = Annotated[list[str] | None, typer.Option("--mapping", help="naam / name | mapping.yaml")]
Out = Annotated[Path, typer.Option("--out", help="map / folder")]
OutFile = Annotated[Path, typer.Option("--out", help="bestand / file")]


def check_command(
    deliveries: Deliveries,
    mapping: MappingNames = None,
    against: Annotated[list[Path] | None, typer.Option("--against", help="vorige levering / earlier delivery")] = None,
    by: Annotated[str, typer.Option("--by", help="functie van wie controleert / role of who checks")] = "",
    out: Out = Path("controle"),
) -> None:
    """Check deliveries; exit 1 when one is rejected."""
    from data_contracts.comparison.compare import compare, said, write_changes
    from data_contracts.reporting.acceptance import acceptance_record, write_acceptance
    from data_contracts.reporting.marked_workbook import write_marked
    from data_contracts.reporting.report import write_report
    from data_contracts.writing import whole_folder

    report, _files = checked(deliveries, mapping or ())
    with step(_("vergelijken met de vorige levering")):
        changes = compare(read(against, mapping or ()), report.deliveries) if against else None
    with step(_("verslag en gemarkeerde werkmap schrijven")), whole_folder(out, marks=REPORT_MARKS) as work:
        record = acceptance_record(report, by=by, checked_at=datetime.now(UTC).astimezone())
        marked = write_marked(report, work)
        write_report(report, work, record=record, changes=changes, marked=marked)
        write_acceptance(record, work)
        if changes:
            write_changes(changes, work)
    say_report(report)
    for line in said(changes) if changes else ():
        print(line)
    print(_("Verslag: {path}", path=out / "report.html"))
    if marked:
        copies = out / marked[0].parent.name
        print(_("Werkmap met gemarkeerde cellen: {path}", path=copies / marked[0].name if len(marked) == 1 else copies))
    if not report.accepted:
        raise typer.Exit(RejectedDelivery.exit_code)


def verify_command(
    record: Annotated[Path, typer.Argument(metavar="RECORD")],
    files: Annotated[list[Path], typer.Argument(metavar="FILES...")],
) -> None:
    """Compare files with the record of their check; exit 1 when they are not those."""
    from data_contracts.reporting.acceptance import verify_acceptance

    found = verify_acceptance(record, files)
    if found.matches:
        print(_("Dit is wat is gecontroleerd ({n} bestand(en)); er is niets veranderd.", n=len(found.same)))
        if found.outcome == "rejected":
            raise RejectedDelivery(_("bij die controle is de levering afgekeurd."))
        return
    if not found.intact:
        print(_("Het bewijs van controle zelf is veranderd na de controle."))
    for words, names in (
        (_("veranderd na de controle"), found.changed),
        (_("ontbreekt"), found.missing),
        (_("niet gecontroleerd"), found.unknown),
    ):
        for name in names:
            print(f"  {name}: {words}")
    raise RejectedDelivery(_("dit zijn niet de bestanden die zijn gecontroleerd. Controleer ze opnieuw."))


def template_command(file: Annotated[Path, typer.Argument(metavar="FILE")]) -> None:
    """Write a blank delivery workbook."""
    from data_contracts.template import write_template

    write_template(file, made_on=date.today())
    print(_("Lege werkmap: {path}", path=file))


def mapping_init_command(
    export: Annotated[Path, typer.Argument(metavar="EXPORT")], out: OutFile = Path("mapping.yaml")
) -> None:
    """Draft a mapping from an export."""
    from data_contracts.mapping.draft import write_draft
    from data_contracts.mapping.format import fill_in

    with step(_("export lezen")):
        write_draft(export, out)
    print(_("Concept-mapping: {path}", path=out))
    print(_("Kijk elke gok na, vul in wat met {word} openstaat, en controleer met:", word=fill_in()))
    print(f"  toetssteen check {export} --mapping {out}")


def pseudonymise_command(
    export: Annotated[Path | None, typer.Argument(metavar="EXPORT")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="sleutelbestand / key file")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="kopie / copy")] = None,
    columns: Annotated[str, typer.Option("--columns", help="kop,kop / header,header")] = "",
    hex_digits: Annotated[int, typer.Option("--hex-digits", min=8, max=32)] = 12,
    new_key: Annotated[Path | None, typer.Option("--new-key", help="maak dit sleutelbestand / make this key")] = None,
) -> None:
    """Replace numbers of people by keyed pseudonyms, or make the key."""
    if new_key:
        from data_contracts.privacy.pseudonym_key import make_key

        make_key(new_key)
        print(_("Sleutel: {path}. Bewaar hem apart; zonder hem komen dezelfde pseudoniemen nooit terug.", path=new_key))
        return
    if export is None or key is None or out is None:
        raise WrongUse(_("pseudonymise vraagt EXPORT, --key en --out; of alleen --new-key om een sleutel te maken."))
    from data_contracts.privacy.pseudonyms import COLUMNS, pseudonymise

    named = [name.strip() for name in columns.split(",") if name.strip()]
    with step(_("nummers vervangen")):
        done = pseudonymise(export, key_file=key, out=out, columns=named or COLUMNS, hex_digits=hex_digits)
    for column in done.columns:
        place = " › ".join(part for part in (column.file, column.sheet, column.header) if part)
        print("  " + _("{place}: {cells} cellen, {persons} personen", place=place, cells=column.cells,
                       persons=column.persons))  # fmt: skip
    if done.not_copied:
        print(_("Niet gekopieerd (geen werkmap of csv): {n} bestanden.", n=done.not_copied))
    print(_("Gepseudonimiseerd: {path}", path=out))


def example_command(
    folder: Annotated[Path, typer.Argument()],
    seed: Annotated[int, typer.Option("--seed")] = 2020,
    cases: Annotated[int, typer.Option("--cases", min=50, help="disciplinair per jaar / a year")] = 500,
    defects: Annotated[str, typer.Option("--defects", help="alle / all | soort,soort / kind,kind")] = "",
) -> None:
    """Write the synthetic delivery."""
    from data_contracts.example.defects import KINDS

    named = tuple(KINDS) if defects in ("alle", "all") else tuple(filter(None, map(str.strip, defects.split(","))))
    write_example_delivery(folder, seed, cases, defects=named)
    print(_("Verzonnen levering: {path}", path=folder))


def read(paths: Sequence[Path], mapping_names: Sequence[str]) -> "list[Delivery]":
    """Return the deliveries in files and folders, read by the contract or by mappings."""
    from data_contracts.delivery import read_delivery
    from data_contracts.mapping.choice import with_mappings
    from data_contracts.mapping.format import find_mapping, load_mapping

    mappings = [load_mapping(find_mapping(name)) for name in mapping_names]
    chosen = with_mappings(paths, mappings)
    return [delivery for path, mapping in chosen for delivery in read_delivery(path, mapping)]


def checked(paths: Sequence[Path], mapping_names: Sequence[str]) -> "tuple[Report, CaseFiles | None]":
    """Return the outcome of a check and the accepted case files."""
    from data_contracts.checking import check

    with step(_("levering lezen en controleren")):
        return check(read(paths, mapping_names), today=date.today())


def write_example_delivery(folder: Path, seed: int, cases: int, *, defects: Sequence[str] = ()) -> None:
    """Write the synthetic delivery, whole or not at all."""
    from data_contracts.example import write_example
    from data_contracts.writing import whole_folder

    with whole_folder(folder, marks=("waarheid.json",)) as work:
        write_example(work, seed=seed, cases_per_year=cases, defects=defects)


def say_report(report: "Report") -> None:
    """Print the verdict and the worst findings."""
    from data_contracts.reporting.report import findings, verdict

    print(verdict(report))
    groups = findings(report)
    words = {"error": _("fout"), "warning": _("waarschuwing"), "info": _("ter informatie")}
    if groups:
        print(_("Afspraken waaraan niet is voldaan, ergste eerst:"))
    for group in groups[:FIRST_FINDINGS]:
        print(f"  {words[group['severity']]:<14} {group['count']:>6}×  {group['sheet']}: {group['title']}")
        if group["severity"] == "error":
            print(f"  {'':<14} {'':>7}  " + _("eerste plaats") + f": {group['places'][0]}")
    if len(groups) > FIRST_FINDINGS:
        print("  " + _("en {n} andere soorten bevindingen; zie het verslag.", n=len(groups) - FIRST_FINDINGS))
