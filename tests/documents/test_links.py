"""What the documents name exists: files, verbs, flags, targets of make, presets."""

import re

import pytest

from tests.documents.documents import CHECKOUT, DOCUMENTS, LANGUAGES, blocks, commands, every_document, inline_code
from transflower import cli
from transflower.models.presets import PRESETS

HISTORY = {"CHANGELOG.md", "research-log.md"}
"""These name what is no longer there."""


def known_flags(words: list[str], capsys: pytest.CaptureFixture[str]) -> set[str]:
    assert cli.main([*words, "--help"]) == 0
    return set(re.findall(r"--[\w.-]+", capsys.readouterr().out))


def test_commands_are_found_in_blocks_and_in_sentences():
    readme = list(commands(CHECKOUT / "README.md", "transflower"))
    assert {command.split()[0] for command in readme} >= {"extract", "train", "generate"}
    assert "venv" in commands(CHECKOUT / "CONTRIBUTING.md", "make")


@every_document
def test_every_block_says_its_language(document):
    assert [block.line for block in blocks(document) if block.language not in LANGUAGES] == []


@every_document
def test_links_lead_somewhere(document):
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]
    assert not missing


@every_document
def test_headings_that_links_name_exist(document):
    for link, heading in re.findall(r"\]\(([^)#]*)#([^)]+)\)", document.read_text(encoding="utf-8")):
        text = (document.parent / link if link else document).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.*)", text, re.MULTILINE)
        assert heading in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


@every_document
def test_targets_of_make_exist(document):
    targets = set(re.findall(r"^(\w+):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {word for command in commands(document, "make") for word in command.split() if "=" not in word}
    assert named <= targets


@every_document
def test_verbs_and_their_flags_exist(document, capsys):
    if document.name in HISTORY:
        return
    for command in commands(document, "transflower"):
        verb = next((verb for verb in cli.VERBS if f"{command} ".startswith(f"{verb} ")), None)
        assert verb or command.startswith("-") or command in {"extract", "data"}, f"transflower {command}"
        flags = re.findall(r"(?<=\s)--[\w.-]+", f" {command}")
        if verb and flags and verb != "train":  # A training is run: its flags are those of its preset.
            known = known_flags(verb.split(), capsys)
            assert all(_is_known(flag, known) for flag in flags), f"transflower {command}"


def test_flags_that_sentences_name_exist(capsys):
    known = set.union(*(known_flags(verb.split(), capsys) for verb in cli.VERBS if verb != "train"))
    for preset in ("dancer-tiny", "transflower-tiny", "moglow-tiny"):
        known |= known_flags(["train", preset], capsys)
    # Of pytest, of make fuzz, of benchmarks, and of verbs without a verb.
    known |= {
        "--real-data",
        "--all-real-data",
        "--golden",
        "--durations",
        "--grids",
        "--half_beats",
        "--midi",
        "--soundfont",
        "--again",
        "--version",
        "--verbose",
        "--logdir",
        "--help",
        "--group",
    }
    for document in DOCUMENTS:
        if document.name not in HISTORY:
            named = {flag for code in inline_code(document) for flag in re.findall(r"(?<![\w-])--[a-z][\w.-]*", code)}
            assert not {flag for flag in named if not _is_known(flag, known)}, document.name


def _is_known(flag: str, known: set[str]) -> bool:
    """``--render.*`` and ``--inputs.NAME`` stand for any name, and so does what the help calls NAME."""
    if group := re.fullmatch(r"(.*\.)[A-Z]*", flag):
        return any(one.startswith(group.group(1)) for one in known)
    return flag in known or f"{flag.rpartition('.')[0]}.NAME" in known


def test_every_preset_is_in_the_table_of_models():
    rows = (CHECKOUT / "docs" / "models.md").read_text(encoding="utf-8").splitlines()
    named = {name for line in rows if line.startswith("| `") for name in re.findall(r"`([^`]+)`", line.split("|")[1])}
    assert named == set(PRESETS)
