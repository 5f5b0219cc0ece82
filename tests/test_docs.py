"""What the documents say exists."""

import re
from pathlib import Path

import pytest

from transflower import cli
from transflower.models.presets import PRESETS

CHECKOUT = Path(__file__).resolve().parent.parent
DOCUMENTS = [*sorted(CHECKOUT.glob("*.md")), *sorted(CHECKOUT.glob("docs/*.md"))]
every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def commands(document: Path, program: str) -> list[str]:
    """What follows ``program`` in code, in blocks and in sentences."""
    text = document.read_text(encoding="utf-8")
    blocks = re.findall(r"^```.*?\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = [*"\n".join(blocks).replace("\\\n", " ").splitlines(), *re.findall(r"`([^`\n]+)`", text)]
    found = (re.match(rf"(?:\$ )?(?:\.venv/bin/)?{program} (.*)", line.strip()) for line in lines)
    return [match.group(1).split("#")[0].strip() for match in found if match]


def test_commands_are_found_in_blocks_and_in_sentences():
    readme = commands(CHECKOUT / "README.md", "transflower")
    assert {command.split()[0] for command in readme} >= {"extract", "train", "generate"}
    assert "venv" in commands(CHECKOUT / "CONTRIBUTING.md", "make")


@every_document
def test_links_lead_somewhere(document):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert not missing


@every_document
def test_targets_of_make_exist(document):
    targets = set(re.findall(r"^(\w+):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {word for command in commands(document, "make") for word in command.split() if "=" not in word}
    assert named <= targets


@every_document
def test_verbs_and_their_flags_exist(document, capsys):
    for command in commands(document, "transflower"):
        verb = next((verb for verb in cli.VERBS if f"{command} ".startswith(f"{verb} ")), None)
        assert verb or command.startswith("-"), f"transflower {command}"
        flags = re.findall(r"(?<=\s)--[\w.-]+", f" {command}")
        if verb and flags:
            assert cli.main([*verb.split(), "--help"]) == 0
            known = set(re.findall(r"--[\w.-]+", capsys.readouterr().out))
            assert set(flags) <= known, f"transflower {command}"


def test_every_preset_is_in_the_table_of_models():
    rows = (CHECKOUT / "docs" / "models.md").read_text(encoding="utf-8").splitlines()
    named = {name for line in rows if line.startswith("| `") for name in re.findall(r"`([^`]+)`", line.split("|")[1])}
    assert named == set(PRESETS)


def test_files_and_folders_that_the_architecture_names_exist():
    source = CHECKOUT / "src" / "transflower"
    named = re.findall(r"`((?:\w+/)+[\w.]*)`", (CHECKOUT / "ARCHITECTURE.md").read_text(encoding="utf-8"))
    of_a_run = {"best/", "last/", "logs/"}
    # `models/heads/NAME.py` is a file to come, in a folder that is there.
    paths = {re.sub(r"\w*(NAME|VERB)[\w.]*$", "", path) for path in named} - of_a_run
    assert len(paths) > 5
    assert not [path for path in paths if not ((source / path).exists() or (CHECKOUT / path).exists())]
