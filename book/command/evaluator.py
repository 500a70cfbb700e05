"""The evaluator's and the publisher's commands: score, publish, book, letter, and all of it."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from book.command.progress import step
from book.command.steward import REPORT_MARKS, Deliveries, MappingNames, checked, say_report, write_example_delivery
from data_contracts.errors import Refused, RejectedDelivery, WrongUse
from data_contracts.language import _

if TYPE_CHECKING:
    from evaluation.scores import Refusal, Score

LEVEL = 0.95

AsOf = Annotated[str, typer.Option("--as-of", help="jjjj-mm-dd / yyyy-mm-dd")]
Out = Annotated[Path, typer.Option("--out", help="map / folder")]


def score_command(deliveries: Deliveries, as_of: AsOf, out: Out, mapping: MappingNames = None) -> None:
    """Check, then score; exit 4 when a score is refused because it would mislead."""
    day = _day(as_of)
    misled = _score(deliveries, mapping or (), day, out)
    print(_("Scores: {path}", path=out / "scores.csv"))
    print(_("Per zaak (vertrouwelijk): {path}", path=out / "case_scores.csv"))
    if misled:
        raise typer.Exit(Refused.exit_code)


def publish_command(run: Annotated[Path, typer.Argument()], out: Out) -> None:
    """Apply disclosure control to a run and write the publication."""
    _publish(run, out)
    print(_("Publicatie: {path}", path=out / "ledger.csv"))


def book_command(publication: Annotated[Path, typer.Argument()], out: Out) -> None:
    """Build the book."""
    _book(publication, out)
    print(_("Boek: {path}", path=out / "nl" / "index.html"))


def letter_command(publication: Annotated[Path, typer.Argument()], out: Out) -> None:
    """Write the draft letter."""
    _letter(publication, out)
    print(_("Conceptbrief: {path}", path=out))


def all_command(
    out: Out = Path("out"),
    delivery: Annotated[list[Path] | None, typer.Option("--delivery")] = None,
    mapping: MappingNames = None,
    as_of: AsOf = "",
) -> None:
    """The whole job; what cannot be said is refused and said, the rest goes on."""
    deliveries = delivery or [out / "delivery"]
    if not delivery:
        with step("1/6 " + _("verzonnen levering maken")):
            write_example_delivery(out / "delivery", 2020, 500)
    day = _day(as_of) if as_of else None
    misled = _score(deliveries, mapping or (), day, out / "run")
    with step("4/6 " + _("beveiligen tegen herleiding")):
        _publish(out / "run", out / "publication")
    with step("5/6 " + _("boek bouwen, Nederlands en Engels")):
        _book(out / "publication", out / "site")
    with step("6/6 " + _("brief schrijven")):
        _letter(out / "publication", out / "brief.docx")
    print()
    for words, path in (
        (_("Verslag van de controle"), out / "run" / "report.html"),
        (_("Scores"), out / "run" / "scores.csv"),
        (_("Grootboek van alle getallen"), out / "publication" / "ledger.csv"),
        (_("Boek"), out / "site" / "nl" / "index.html"),
        (_("Boek, Engels"), out / "site" / "en" / "index.html"),
        (_("Conceptbrief"), out / "brief.docx"),
    ):
        print(f"{words + ':':<30} {path}")
    if misled:
        raise typer.Exit(Refused.exit_code)


def _score(paths: Sequence[Path], mapping_names: Sequence[str], day: date | None, out: Path) -> bool:
    """Check and score; write the run; tell whether a score was refused because it would mislead."""
    from data_contracts.reporting.report import write_report
    from data_contracts.writing import whole_folder
    from evaluation.run import score, write_run

    report, case_files = checked(paths, mapping_names)
    say_report(report)
    if case_files is None:
        rejected = out.with_name(f"{out.name}-afgekeurd")
        with whole_folder(rejected, marks=REPORT_MARKS) as work:
            write_report(report, work)
        print(_("Verslag: {path}", path=rejected / "report.html"))
        raise RejectedDelivery(_("de levering is afgekeurd; er zijn geen scores berekend."))
    as_of = day or case_files.extracted_on
    print(
        _("Peildatum: {as_of}.", as_of=as_of.isoformat())
        + ("" if day else " " + _("Dat is het uittrekmoment; kies een eerdere dag met --as-of."))
    )
    synthetic = all((path / "waarheid.json").exists() for path in paths)
    with step("3/6 " + _("scores berekenen, peildatum {as_of}", as_of=as_of.isoformat())):
        results = score(case_files, report, as_of=as_of, level=LEVEL)
        write_run(results, case_files, report, out, as_of=as_of, level=LEVEL, synthetic=synthetic)
    _say_headlines([one for result in results for one in result.scores])
    refusals = [refusal for result in results for refusal in result.refusals]
    _say_refusals(refusals)
    return any(refusal.misleading for refusal in refusals)


def _publish(run: Path, out: Path) -> None:
    from evaluation.publication.publish import publish

    publish(run, out)


def _book(publication: Path, out: Path) -> None:
    from book.build import build

    build(publication, out)


def _letter(publication: Path, out: Path) -> None:
    from book.letter import write_letter

    write_letter(publication, out)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUse(_("peildatum {text} is geen datum; schrijf jjjj-mm-dd.", text=text)) from None


def _say_headlines(scores: "Sequence[Score]") -> None:
    """The few numbers an evaluator looks for first, as the run has them: not yet protected, not for publication."""
    from data_contracts.language import language
    from evaluation.publication.ledger import written

    words = {
        "duration.total_gross.median.all": _("mediane duur, bruto"),
        "duration.total_net.median.all": _("mediane duur, netto"),
        "consistency.misconduct_found.share.all": _("plichtsverzuim vastgesteld"),
        "consistency.misconduct_found.median_odds_ratio.all": _("mediane oddsratio tussen eenheden"),
        "completeness.opportunity.share.all": _("nodige stappen aantoonbaar gedaan"),
    }
    for score in scores:
        if score.id in words and score.estimate is not None:
            low, middle, high = (
                written(value, unit=score.unit, count=score.denominator or score.n, language=language())
                or _("nog onbekend")
                for value in (score.low, score.estimate, score.high)
            )
            behind = (
                _("{numerator} van {denominator}", numerator=score.numerator, denominator=score.denominator)
                if score.denominator
                else f"n = {score.n}"
            )
            print(f"  {words[score.id]:<40} {middle} ({low} – {high}; {behind})")


def _say_refusals(refusals: "Sequence[Refusal]") -> None:
    from data_contracts.contract import load_contracts
    from data_contracts.language import language

    absent = [refusal for refusal in refusals if refusal.measure.startswith("register.")]
    if refusals:
        print(_("Wat deze levering niet kan zeggen, en waarom:"))
    if absent:
        sheets = ", ".join(load_contracts()[refusal.needs[0]].sheet for refusal in absent)
        print("  - " + _("Bladen die er niet zijn: {sheets}.", sheets=sheets))
    for words in dict.fromkeys(refusal.reason[language()] for refusal in refusals if refusal not in absent):
        print(f"  - {words}")
