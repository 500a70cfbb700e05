"""Names are told from words of the work, surely where a code belongs and widely where a number belongs."""

import pytest

from data_contracts.privacy.names import could_be_name, holds_name, name_words

NAMES = (
    "Jansen", "JANSEN", "jansen", "de Vries, P.", "P. de Vries", "Vries, P. de", "Mohammed el Amrani", "A.B. Çelik",
    "A. B. Çelik", "O'Neill", "Jan Jansen", "JAN JANSEN", "jan jansen", "Jansen, Piet", "Jansen P.", "P. Jansen",
    "P.J. JANSEN", "dhr. Pietersma", "insp. Bakker", "brig. Achternaam", "de Vries", "Piet van den Berg",
    "van der Meer", "v.d. Berg", "J.P. v.d. Berg", "Kees van 't Hof", "mevrouw De Wit", "Fatima Yilmaz", "Sanne Bakker",
    "Hoekstra", "Bakker-Smit", "El Amrani, M.", "Marie-José Achternaam", "Th. Brouwer", "A. Achternaam",
    "gesproken met dhr. Jansen over", "zie mail van P. de Vries", "Voornaam van Achternaam",
)  # fmt: skip
WORDS = (
    "Misbruik van Positie", "Den Haag", "houding en gedrag", "Limburg Noord", "Officier van Dienst", "De Bilt",
    "Officier van Justitie", "Hoek van Holland", "Gelderland-Zuid", "Rotterdam-Rijnmond", "A. Berisping", "B. Boete",
    "Verbal Judo", "Professional Conduct", "NEGLECT OF DUTY", "D.U.I. - OFF DUTY", "Schriftelijke berisping",
    "Wijk aan Zee", "Brabant Zuid-Oost", "onbekend", "zie dossier", "Korps landelijke politiediensten",
    "Capelle aan den IJssel", "Bergen op Zoom", "Hoofdagent", "Brigadier A", "Agent, Hoofdagent", "Inspecteur Generaal",
    "Ouder-Amstel", "mevrouw", "Sgt. Major Review", "Letter of Counseling", "Ter Apel", "Nog niet bekend",
    "V.O.G. geweigerd", "art. 77 Barp", "Raad van State", "IJmond", "Zaanstreek-Waterland", "Amsterdam",
    "Gooi en Vechtstreek", "K.L.P.D.", "KLPD", "Politie Haaglanden", "Korpschef", "1e Divisie", "Team A", "", ".", ",",
)  # fmt: skip


@pytest.mark.parametrize("text", NAMES)
def test_a_name_is_surely_one_and_could_be_one(text: str):
    assert holds_name(text)
    assert could_be_name(text)


@pytest.mark.parametrize("text", WORDS)
def test_words_of_the_work_places_and_abbreviations_are_no_name(text: str):
    assert not holds_name(text)


@pytest.mark.parametrize(
    "text", ["Voornaam Achternaam", "Zoë Achternaam", "Achternaam", "2024-Bakker-3", "P.deVries", "JANSEN01"]
)
def test_where_a_number_belongs_words_and_common_names_within_it_count(text: str):
    assert could_be_name(text)


@pytest.mark.parametrize(
    "text", ["VIK-2024-3", "Onderzoek A", "Z.2024.1", "zaak", "", "ZAAK-2024-1", "case-10011", "A-B"]
)
def test_where_a_number_belongs_ordinary_identifiers_are_left_alone(text: str):
    assert not could_be_name(text)


def test_the_words_do_not_contradict_one_another():
    words = name_words()
    assert not words.family & words.ordinary
    assert not words.given & words.ordinary
    assert not words.family & words.after_prefix
    assert not (words.civil | words.ranks) & (words.given | words.family)
