"""The commands of `toetssteen` and their one-line help, in the language of messages."""

from collections.abc import Callable
from typing import Any

import typer

from book.command import evaluator, steward
from data_contracts.language import _


def make_app() -> typer.Typer:
    """Return the command line; made anew for each run, because the help follows the language."""
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
    commands: tuple[tuple[str, Callable[..., Any], str], ...] = (
        ("template", steward.template_command, _("Maak een lege werkmap om in te vullen.")),
        ("check", steward.check_command, _("Controleer een levering en schrijf een verslag.")),
        ("verify", steward.verify_command, _("Vergelijk bestanden met hun bewijs van controle.")),
        ("pseudonymise", steward.pseudonymise_command, _("Vervang nummers van personen door pseudoniemen.")),
        ("score", evaluator.score_command, _("Controleer leveringen en bereken de scores.")),
        ("publish", evaluator.publish_command, _("Beveilig tegen herleiding; maak de publicatie.")),
        ("book", evaluator.book_command, _("Bouw het boek (Nederlands en Engels).")),
        ("letter", evaluator.letter_command, _("Schrijf een conceptbrief uit een publicatie.")),
        ("example", steward.example_command, _("Maak een verzonnen landelijke levering.")),
        ("run", evaluator.all_command, _("Doe alles, van controle tot boek en brief.")),
    )  # fmt: skip
    for name, function, words in commands:
        app.command(name=name, help=words)(function)
    mapping = typer.Typer(no_args_is_help=True, help=_("Lees een eigen export: maak een mapping."))
    mapping.command(name="init", help=_("Maak een concept-mapping bij een export."))(steward.mapping_init_command)
    mapping.callback()(lambda: None)  # keeps the word init: a group with one command would drop it
    app.add_typer(mapping, name="mapping")
    return app
