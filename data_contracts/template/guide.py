"""The instructions of the template: what to fill in, in which order, and what never."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from data_contracts.contract import REQUIRED_TABLES, Contract
from data_contracts.language import _, language
from data_contracts.template.cells import own_sheet


@dataclass(frozen=True)
class Line:
    """One row of the instructions: a word, the text beside it, and the sheet that the word leads to."""

    word: str
    text: str = ""
    look: str = "row"
    sheet: str = ""


def guide(contracts: Mapping[str, Contract], made_on: date | None) -> list[Line]:
    """Return the instructions in the language of messages."""
    needed = [contracts[name].sheet for name in REQUIRED_TABLES]
    return [
        Line(_("Levering interne onderzoeken"), look="title"),
        Line(_("Datacontract"), _edition(contracts, made_on)),
        Line(_("Zo vult u dit in"), look="head"),
        *_steps(needed),
        Line(_("De bladen"), look="head"),
        *(_sheet_line(contract) for contract in contracts.values()),
        _own(own_sheet("example"), _("Een ingevuld voorbeeld van elke kolom. Hier vult u niets in.")),
        _own(own_sheet("codes"), _("Alle codes met hun betekenis, vanaf wanneer en tot wanneer ze gelden.")),
        Line(_("Wat nooit in dit bestand mag"), look="head"),
        *_never(),
        Line(_("Plakken uit een ander bestand"), look="head"),
        *_pasting(),
        Line(_("Controleren"), look="head"),
        *_checking(),
    ]


def _edition(contracts: Mapping[str, Contract], made_on: date | None) -> str:
    versions = ", ".join(sorted({contract.version for contract in contracts.values()}))
    if made_on is None:
        return _("Versie {version}.", version=versions)
    return _("Versie {version}. Sjabloon gemaakt op {day}.", version=versions, day=f"{made_on:%d-%m-%Y}")


def _steps(needed: list[str]) -> list[Line]:
    return [
        Line(
            _("1. Begin"),
            _(
                "Vul eerst het blad {first} in: één regel, over de hele levering. Vul dan het blad {second} in: één "
                "regel per onderzoek. Deze twee bladen zijn verplicht.",
                first=needed[0],
                second=needed[1],
            ),
        ),
        Line(
            _("2. De rest"),
            _(
                "Vul de andere bladen in als uw registratie die gegevens heeft. Legt u iets niet vast? Verwijder dat "
                "blad dan. Zo is duidelijk dat de gegevens er niet zijn."
            ),
        ),
        Line(
            _("3. Kolommen"),
            _(
                "Een kop met vette, witte letters op een donkere achtergrond is verplicht: vul die kolom in elke regel "
                "in. Een kop met schuine, donkere letters mag leeg blijven. Wijs een kop aan voor uitleg en een "
                "voorbeeld. Verander de koppen niet."
            ),
        ),
        Line(
            _("4. Codes"),
            _(
                "Kies in een kolom met codes een code uit de lijst, met het pijltje naast de cel. Staat er een "
                "omschrijving in uw gegevens in plaats van een code? Plakken mag: de controle herkent de omschrijving "
                "als die precies zo in het blad {sheet} staat.",
                sheet=own_sheet("codes"),
            ),
        ),
        Line(
            _("5. Datums"),
            _(
                "Schrijf dag, maand en jaar in vier cijfers: 31-12-2024. Weet u een dag niet, laat de cel dan leeg. "
                "Vul nooit een verzonnen dag in, zoals 01-01-1900."
            ),
        ),
        Line(
            _("6. Leeg"),
            _(
                "Leeg betekent: niet bekend of nog niet gebeurd. Leeg betekent nooit nee. Vul nee in als iets niet zo "
                "is. Een onderzoek dat nog loopt, heeft geen einddatum."
            ),
        ),
    ]


def _sheet_line(contract: Contract) -> Line:
    needed = _("Verplicht.") if contract.name in REQUIRED_TABLES else _("Als u het vastlegt.")
    return Line(contract.sheet, f"{needed} {contract.description[language()]}", sheet=contract.sheet)


def _own(sheet: str, text: str) -> Line:
    return Line(sheet, text, sheet=sheet)


def _never() -> list[Line]:
    return [
        Line(
            _("Persoonsgegevens"),
            _(
                "Geen namen, burgerservicenummers (BSN), personeelsnummers, e-mailadressen, telefoonnummers of "
                "kentekens. Ook niet in een opmerking, een extra kolom of een extra blad. Gebruik voor personen een "
                "pseudoniem. Staat er toch zo'n gegeven in, dan wordt de hele levering afgekeurd."
            ),
        ),
    ]


def _pasting() -> list[Line]:
    return [
        Line(
            _("Alleen waarden"),
            _(
                "Zet de kolommen in uw bestand in dezelfde volgorde als hier. Kopieer de regels zonder de kop. Ga in "
                "het goede blad in cel A2 staan. Kies Start > Plakken > Waarden (of Ctrl+Shift+V)."
            ),
        ),
        Line(
            _("Gewoon plakken"),
            _(
                "Gewoon plakken (Ctrl+V) haalt de keuzelijsten en de opmaak weg in de cellen waarin u plakt. Ook "
                "kunnen die cellen op slot gaan. Uw gegevens blijven goed, en de controle vindt alle fouten nog steeds."
            ),
        ),
        Line(
            _("Beveiliging"),
            _(
                "De koppen zijn beveiligd, zonder wachtwoord. Zit iets u in de weg: Controleren > Beveiliging blad "
                "opheffen. Regels toevoegen, verwijderen, sorteren en filteren kan altijd."
            ),
        ),
    ]


def _checking() -> list[Line]:
    return [
        Line(
            _("Zo controleert u"),
            _(
                "Bewaar dit bestand als Excel-werkmap (.xlsx). Typ in het opdrachtvenster: toetssteen check, een "
                "spatie en de naam van het bestand. U krijgt een verslag met elke fout, de cel waarin die staat en "
                "wat u moet doen. Herstel de fouten en controleer opnieuw."
            ),
        ),
    ]
