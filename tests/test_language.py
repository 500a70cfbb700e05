"""Every message has one exact English translation, and the language is chosen as documented."""

import ast
import string
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from data_contracts.language import _, language, use_language

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("data_contracts", "evaluation", "book")
METHODS = [("**.py", "python"), ("**.j2", "jinja2")]
OPTIONS = {"**.j2": {"silent": "false"}}  # or a template with a fault in it would have no messages


def extract(root: Path) -> set[str]:
    """Return the messages of the packages under `root`."""
    found = {
        message
        for package in PACKAGES
        for _file, _line, message, _comments, _context in extract_from_dir(
            root / package, METHODS, OPTIONS, keywords={"_": None}, comment_tags=()
        )
    }
    # Before Python 3.12 an f-string is one token, and Babel does not see the calls in it.
    for path in _files(root, "py"):
        found |= {call.args[0].value for call in _python_calls(path) if _is_literal(call)}
    return found


def without_english(messages: set[str], catalogue: Catalog) -> list[str]:
    """Return the messages that would be shown in Dutch: absent, empty, or fuzzy and so not compiled."""
    return sorted(m for m in messages if m not in catalogue or not catalogue[m].string or catalogue[m].fuzzy)


def other_placeholders(catalogue: Catalog) -> list[str]:
    """Return the messages whose translation has other placeholders."""
    return [m.id for m in catalogue if m.id and m.string and _placeholders(m.id) != _placeholders(m.string)]


def no_longer_used(messages: set[str], catalogue: Catalog) -> list[str]:
    """Return the messages of the catalogue that no file has any more."""
    return sorted({m.id for m in catalogue if m.id} - messages | set(catalogue.obsolete))


def not_literal(root: Path) -> list[str]:
    """Return the places of the calls whose message cannot be extracted, because it is not written there."""
    places = [
        (path, call.lineno) for path in _files(root, "py") for call in _python_calls(path) if not _is_literal(call)
    ]
    for path in _files(root, "j2"):
        calls = Environment().parse(path.read_text(encoding="utf-8")).find_all(nodes.Call)
        places += [
            (path, call.lineno)
            for call in calls
            if isinstance(call.node, nodes.Name) and call.node.name == "_"
            if not (call.args and isinstance(call.args[0], nodes.Const))
        ]
    return [f"{path.relative_to(root).as_posix()}:{line}" for path, line in places]


def _files(root: Path, suffix: str) -> list[Path]:
    return sorted(path for package in PACKAGES for path in (root / package).rglob(f"*.{suffix}"))


def _python_calls(path: Path) -> list[ast.Call]:
    calls = (node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call))
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "_"]


def _is_literal(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)


def _placeholders(text: str) -> set[str]:
    return {name for _text, name, _format, _conversion in string.Formatter().parse(text) if name is not None}


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return read_po(BytesIO((ROOT / "data_contracts" / "locale" / "en.po").read_bytes()), locale="en")


@pytest.fixture(scope="module")
def messages() -> set[str]:
    return extract(ROOT)


def test_every_message_has_english(messages: set[str], catalogue: Catalog) -> None:
    assert without_english(messages, catalogue) == []


def test_every_translation_has_the_placeholders_of_its_message(catalogue: Catalog) -> None:
    assert other_placeholders(catalogue) == []


def test_the_catalogue_holds_no_message_that_is_gone(messages: set[str], catalogue: Catalog) -> None:
    assert no_longer_used(messages, catalogue) == []


def test_every_message_is_written_where_it_is_called() -> None:
    assert not_literal(ROOT) == []


# The same guards on a small project, each seen to pass and to fail.


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one message in a module, one in an f-string and two in a template."""
    for package in PACKAGES:
        (tmp_path / package).mkdir()
    (tmp_path / "evaluation" / "told.py").write_text(
        'told = _("{n} regels "\n         "gelezen", n=3)\nsaid = f"{_(\'Fout\')}: {told}"\n', encoding="utf-8"
    )
    (tmp_path / "data_contracts" / "page.html.j2").write_text(
        '<h1>{{ _("Verslag") }}</h1>{% if n %}{{ _("en {n} andere", n=n) }}{% endif %}', encoding="utf-8"
    )
    return tmp_path


ENGLISH = {"{n} regels gelezen": "{n} rows read", "Fout": "Error", "Verslag": "Report", "en {n} andere": "and {n} more"}


def _catalogue(english: dict[str, str], more: str = "") -> Catalog:
    written = "".join(f'msgid "{message}"\nmsgstr "{words}"\n\n' for message, words in english.items())
    return read_po(BytesIO((written + more).encode()), locale="en")


def test_messages_are_found_in_modules_f_strings_and_templates(project: Path) -> None:
    assert extract(project) == set(ENGLISH)


def test_a_complete_catalogue_passes_every_guard(project: Path) -> None:
    found, catalogue = extract(project), _catalogue(ENGLISH)
    assert without_english(found, catalogue) == []
    assert other_placeholders(catalogue) == []
    assert no_longer_used(found, catalogue) == []
    assert not_literal(project) == []


@pytest.mark.parametrize("message", sorted(ENGLISH))
def test_a_message_that_the_catalogue_lacks_is_seen(project: Path, message: str) -> None:
    fewer = {known: words for known, words in ENGLISH.items() if known != message}
    assert without_english(extract(project), _catalogue(fewer)) == [message]


def test_a_message_with_an_empty_or_fuzzy_translation_is_seen(project: Path) -> None:
    del (fewer := dict(ENGLISH))["Fout"]
    assert without_english(extract(project), _catalogue(ENGLISH | {"Fout": ""})) == ["Fout"]
    assert without_english(extract(project), _catalogue(fewer, '#, fuzzy\nmsgid "Fout"\nmsgstr "Fault"\n')) == ["Fout"]


@pytest.mark.parametrize("words", ["rows read", "{m} rows read", "{n} rows of {m} read", "{} rows read"])
def test_a_translation_with_other_placeholders_is_seen(words: str) -> None:
    assert other_placeholders(_catalogue(ENGLISH | {"{n} regels gelezen": words})) == ["{n} regels gelezen"]


def test_a_translation_may_put_the_placeholders_in_another_order() -> None:
    assert other_placeholders(_catalogue({"{a} van de {b}": "of {b} rows, {a}"})) == []


def test_a_message_that_is_gone_is_seen_also_when_it_is_marked_obsolete(project: Path) -> None:
    found = extract(project)
    assert no_longer_used(found, _catalogue(ENGLISH | {"Weg": "Gone"})) == ["Weg"]
    assert no_longer_used(found, _catalogue(ENGLISH, '#~ msgid "Weg"\n#~ msgstr "Gone"\n')) == ["Weg"]


@pytest.mark.parametrize(
    "argument", ["words", "f'{n} regels'", "'een ' + 'twee'", "'een' if n else 'twee'", "*words", "", "b'een'"]
)
def test_a_call_without_a_literal_message_is_seen_in_a_module(project: Path, argument: str) -> None:
    (project / "book" / "late.py").write_text(f"\nshown = _({argument})\n", encoding="utf-8")
    assert not_literal(project) == ["book/late.py:2"]


def test_a_call_without_a_literal_message_is_seen_in_a_template(project: Path) -> None:
    (project / "book" / "late.j2").write_text("{{ other(words) }}\n{{ _(words) }}\n", encoding="utf-8")
    assert not_literal(project) == ["book/late.j2:2"]


# The language.


@pytest.fixture
def nothing_chosen() -> Iterator[None]:
    use_language(None)
    yield
    use_language(None)


@pytest.mark.usefixtures("nothing_chosen")
class TestTheLanguage:
    def test_is_dutch_when_nothing_says_otherwise(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("LANG", raising=False)
        assert language() == "nl"

    @pytest.mark.parametrize(
        ("lang", "expected"),
        [("en_GB.UTF-8", "en"), ("EN", "en"), ("nl_NL.UTF-8", "nl"), ("C.UTF-8", "nl"), ("fr_FR", "nl"), ("", "nl")],
    )
    def test_follows_lang(self, monkeypatch: pytest.MonkeyPatch, lang: str, expected: str) -> None:
        monkeypatch.setenv("LANG", lang)
        assert language() == expected

    @pytest.mark.parametrize(("lang", "chosen"), [("en_GB.UTF-8", "nl"), ("nl_NL.UTF-8", "en")])
    def test_is_the_chosen_one_whatever_lang_says(
        self, monkeypatch: pytest.MonkeyPatch, lang: str, chosen: str
    ) -> None:
        monkeypatch.setenv("LANG", lang)
        use_language(chosen)
        assert language() == chosen

    def test_follows_lang_again_when_the_choice_is_taken_back(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LANG", "en_GB.UTF-8")
        use_language("nl")
        use_language(None)
        assert language() == "en"

    def test_decides_what_a_message_says(self) -> None:
        told = {}
        for code in ("nl", "en"):
            use_language(code)
            told[code] = _("{file} bevat geen regels.", file="zaken.csv")
        assert told == {"nl": "zaken.csv bevat geen regels.", "en": "zaken.csv has no rows."}

    def test_leaves_a_message_in_dutch_when_it_has_no_english(self) -> None:
        use_language("en")
        unknown = "{n} onbekende woorden"
        assert _(unknown, n=2) == "2 onbekende woorden"
