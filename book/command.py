"""The command `toetssteen`: reading, checking, scoring, publishing, in one line each.

Heavy imports happen inside the commands, so that `--help` answers at once.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from data_contracts.errors import Refused, RejectedDelivery, ToetssteenError, WrongUse
from data_contracts.language import LANGUAGES, _, use_language

if TYPE_CHECKING:
    from data_contracts.case_files import CaseFiles
    from data_contracts.checking import Report
    from evaluation.scores import Refusal, Score

LEVEL = 0.95
UNEXPECTED = 70
FIRST_FINDINGS = 12
REPORT_MARKS = ("report.html", "breaches.csv")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and end with its exit code (see `data_contracts.errors`)."""
    sys.exit(run_command(list(sys.argv[1:] if arguments is None else arguments)))


def run_command(arguments: list[str]) -> int:
    """Run the command and return its exit code; messages go to standard error."""
    try:
        arguments = _take_language(arguments)
        return _app()(arguments, prog_name="toetssteen", standalone_mode=False) or 0
    except ToetssteenError as error:
        return _say_fault(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        return _say_fault(_("Afgebroken; er is niets half geschreven."), 130)
    except typer.Exit as stop:
        return int(stop.exit_code)
    except Exception as error:
        if getattr(error, "exit_code", None) == WrongUse.exit_code and hasattr(error, "format_message"):
            return _say_fault(_usage_words(error), WrongUse.exit_code)
        if os.environ.get("TOETSSTEEN_DEBUG"):
            raise
        return _say_fault(_unexpected_words(error), UNEXPECTED)


def _take_language(arguments: list[str]) -> list[str]:
    """Take `--lang` out of the arguments, wherever it stands, and use it."""
    use_language(None)
    left: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--lang" or word.startswith("--lang="):
            chosen = next(words, "") if word == "--lang" else word.partition("=")[2]
            if chosen not in LANGUAGES:
                raise WrongUse(_("--lang kent nl en en."))
            use_language(chosen)
        else:
            left.append(word)
    return left


def _say_fault(words: str, exit_code: int) -> int:
    print(_("Fout") + f": {words}", file=sys.stderr)
    return exit_code


def _usage_words(error: Any) -> str:
    kind, hint = type(error).__name__, _("Zie toetssteen --help.")
    parameter = getattr(error, "param", None)
    name = parameter.opts[0] if parameter is not None and parameter.opts else getattr(error, "option_name", "")
    if parameter is not None and not name.startswith("-"):
        name = (parameter.metavar or name).rstrip(".").upper()
    if kind == "MissingParameter":
        return _("{name} ontbreekt. {hint}", name=name, hint=hint)
    if kind == "NoSuchOption":
        return _("optie {name} bestaat niet. {hint}", name=name, hint=hint)
    if kind == "BadParameter":
        return _("de waarde van {name} is niet goed. {hint}", name=name, hint=hint)
    return _("dit commando is niet goed. {hint}", hint=hint)


def _unexpected_words(error: Exception) -> str:
    """Where a fault of the software arose; never its text, which may hold a value."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "?"
    return _(
        "de software liep vast ({kind} in {place}); dit ligt niet aan u. Er is niets half geschreven. "
        "Meld dit met deze regel. Met TOETSSTEEN_DEBUG=1 ziet u meer.",
        kind=type(error).__name__,
        place=place,
    )


def _app() -> typer.Typer:
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help=_("Toetst de kwaliteit van interne onderzoeken: leveringen controleren, scores berekenen, publiceren.")
        + "\n\n"
        + _("Met --lang en spreekt het programma Engels.")
        + "\n\n"
        + _("Eindcodes: 0 klaar, 1 levering afgekeurd, 2 verkeerd gebruik, 3 onleesbare invoer, 4 geweigerd."),
    )
    helps: dict[Any, tuple[str, str]] = {
        check_command: ("check", _("Controleer een levering en schrijf een verslag (voor de gegevensbeheerder).")),
        score_command: ("score", _("Controleer leveringen en bereken de scores (voor de onderzoeker).")),
        publish_command: ("publish", _("Beveilig de uitkomsten tegen herleiding en maak de publicatie.")),
        book_command: ("book", _("Bouw het boek (Nederlands en Engels) uit een publicatie.")),
        letter_command: ("letter", _("Schrijf een conceptbrief uit een publicatie.")),
        example_command: ("example", _("Maak een verzonnen landelijke levering om mee te oefenen.")),
        all_command: ("run", _("Doe alles: controleren, scores, publicatie, boek en brief.")),
    }
    for function, (name, words) in helps.items():
        app.command(name=name, help=words)(function)
    return app


Deliveries = Annotated[list[Path], typer.Argument(help="DELIVERY…", metavar="DELIVERY...")]
MappingName = Annotated[str, typer.Option("--mapping", help="naam / name | mapping.yaml")]
AsOf = Annotated[str, typer.Option("--as-of", help="jjjj-mm-dd / yyyy-mm-dd")]
Out = Annotated[Path, typer.Option("--out", help="map / folder")]


def check_command(deliveries: Deliveries, mapping: MappingName = "", out: Out = Path("controle")) -> None:
    """Check deliveries; exit 1 when one is rejected."""
    from data_contracts.report import write_report
    from data_contracts.writing import whole_folder

    report, _files = _checked(deliveries, mapping)
    with whole_folder(out, marks=REPORT_MARKS) as work:
        write_report(report, work)
    _say_report(report)
    print(_("Verslag: {path}", path=out / "report.html"))
    if not report.accepted:
        raise typer.Exit(RejectedDelivery.exit_code)


def score_command(deliveries: Deliveries, as_of: AsOf, out: Out, mapping: MappingName = "") -> None:
    """Check, then score; exit 4 when a score is refused because it would mislead."""
    day = _day(as_of)
    misled = _score(deliveries, mapping, day, out)
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


def example_command(
    folder: Annotated[Path, typer.Argument()],
    seed: Annotated[int, typer.Option("--seed")] = 2020,
    cases: Annotated[int, typer.Option("--cases", min=50, help="disciplinair per jaar / a year")] = 500,
) -> None:
    """Write the synthetic delivery."""
    _example(folder, seed, cases)
    print(_("Verzonnen levering: {path}", path=folder))


def all_command(
    out: Out = Path("out"),
    delivery: Annotated[list[Path] | None, typer.Option("--delivery")] = None,
    mapping: MappingName = "",
    as_of: AsOf = "",
) -> None:
    """The whole job; what cannot be said is refused and said, the rest goes on."""
    deliveries = delivery or [out / "delivery"]
    if not delivery:
        with _step(1, _("verzonnen levering maken")):
            _example(out / "delivery", 2020, 500)
    day = _day(as_of) if as_of else None
    misled = _score(deliveries, mapping, day, out / "run")
    with _step(4, _("beveiligen tegen herleiding")):
        _publish(out / "run", out / "publication")
    with _step(5, _("boek bouwen, Nederlands en Engels")):
        _book(out / "publication", out / "site")
    with _step(6, _("brief schrijven")):
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


def _checked(paths: Sequence[Path], mapping_name: str) -> "tuple[Report, CaseFiles | None]":
    from data_contracts.checking import check
    from data_contracts.delivery import read_delivery
    from data_contracts.mapping import find_mapping, load_mapping

    mapping = load_mapping(find_mapping(mapping_name)) if mapping_name else None
    with _step(2, _("levering lezen en controleren")):
        return check([delivery for path in paths for delivery in read_delivery(path, mapping)])


def _score(paths: Sequence[Path], mapping_name: str, day: date | None, out: Path) -> bool:
    """Check and score; write the run; tell whether a score was refused because it would mislead."""
    from data_contracts.report import write_report
    from data_contracts.writing import whole_folder
    from evaluation.run import score, write_run

    report, case_files = _checked(paths, mapping_name)
    _say_report(report)
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
    with _step(3, _("scores berekenen, peildatum {as_of}", as_of=as_of.isoformat())):
        results = score(case_files, report, as_of=as_of, level=LEVEL)
        write_run(results, case_files, report, out, as_of=as_of, level=LEVEL, synthetic=synthetic)
    _say_headlines([one for result in results for one in result.scores])
    refusals = [refusal for result in results for refusal in result.refusals]
    _say_refusals(refusals)
    return any(refusal.misleading for refusal in refusals)


def _publish(run: Path, out: Path) -> None:
    from evaluation.publication import publish

    publish(run, out)


def _book(publication: Path, out: Path) -> None:
    from book.build import build

    build(publication, out)


def _letter(publication: Path, out: Path) -> None:
    from book.letter import write_letter

    write_letter(publication, out)


def _example(folder: Path, seed: int, cases: int) -> None:
    from data_contracts.example import write_example
    from data_contracts.writing import whole_folder

    with whole_folder(folder, marks=("waarheid.json",)) as work:
        write_example(work, seed=seed, cases_per_year=cases)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WrongUse(_("peildatum {text} is geen datum; schrijf jjjj-mm-dd.", text=text)) from None


def _say_report(report: "Report") -> None:
    from data_contracts.report import findings, verdict

    print(verdict(report))
    groups = findings(report)
    words = {"error": _("fout"), "warning": _("waarschuwing"), "info": _("ter informatie")}
    if groups:
        print(_("Regels waaraan niet is voldaan, ergste eerst:"))
    for group in groups[:FIRST_FINDINGS]:
        print(f"  {words[group['severity']]:<14} {group['count']:>6}×  {group['sheet']}: {group['title']}")
        if group["severity"] == "error":
            print(f"  {'':<14} {'':>7}  " + _("eerste plaats") + f": {group['places'][0]}")
    if len(groups) > FIRST_FINDINGS:
        print("  " + _("en {n} andere soorten bevindingen; zie het verslag.", n=len(groups) - FIRST_FINDINGS))


def _say_headlines(scores: "Sequence[Score]") -> None:
    """The few numbers an evaluator looks for first, as the run has them: not yet protected, not for publication."""
    from data_contracts.language import language
    from evaluation.ledger import written

    words = {
        "duration.total_gross.median.all": _("mediane duur, bruto"),
        "duration.total_net.median.all": _("mediane duur, netto"),
        "consistency.misconduct_found.share.all": _("plichtsverzuim vastgesteld"),
        "consistency.misconduct_found.median_odds_ratio.all": _("mediane kansverhouding tussen eenheden"),
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


@contextmanager
def _step(number: int, words: str) -> Iterator[None]:
    """Show what is being done while it is done; only on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        progress.add_task(f"{number}/6 {words}", total=None)
        yield


if __name__ == "__main__":
    main()
