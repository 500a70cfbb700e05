"""The evaluators' guide: its example runs, from a delivery to a publication."""

import re
from pathlib import Path

import pytest

from evaluation.refusals import REASONS

GUIDE = Path(__file__).parent.parent / "evaluation" / "README.md"


@pytest.fixture(scope="module")
def notebook(example_folder, tmp_path_factory):
    """The variables after all code of the guide has run, in a folder where `levering` is the example."""
    folder = tmp_path_factory.mktemp("notebook")
    (folder / "levering").symlink_to(example_folder)
    names: dict = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for block in re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), flags=re.DOTALL):
            exec(compile(block, str(GUIDE), "exec"), names)
    return names | {"folder": folder}


def test_the_example_gives_all_three_scores_and_a_publication(notebook):
    assert notebook["report"].accepted
    assert set(notebook["scores"]["id"].str.split(".").str[0]) == {"duration", "consistency", "completeness"}
    assert notebook["median"]["low"] < notebook["median"]["estimate"] < notebook["median"]["high"]
    assert (notebook["folder"] / "publication" / "ledger.csv").exists()


def test_the_alternatives_give_numbers_of_their_own(notebook):
    whole = notebook["scores"].set_index("id").loc["completeness.opportunity.share.all"]
    assert 0 < notebook["strict"].denominator < whole["denominator"]
    assert notebook["curve"] is not None


def test_the_guide_names_every_reason_and_only_functions_that_exist():
    from importlib import import_module

    guide = GUIDE.read_text("utf-8")
    assert [key for key in REASONS if f"`{key}`" not in guide] == []
    table = guide.partition("| module | functions |")[2].partition("\n\n")[0]
    for row in table.strip().splitlines()[1:]:
        modules, functions = (re.findall(r"`([\w.]+)`", cell) for cell in row.strip("| ").split("|"))
        for function in functions:
            assert any(hasattr(import_module(f"evaluation.{module}"), function) for module in modules), function
