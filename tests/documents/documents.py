"""What the documents hold: fenced blocks in order, and the words in code of sentences."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = [*sorted(CHECKOUT.glob("*.md")), *sorted(CHECKOUT.glob("docs/*.md"))]
every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)

LANGUAGES = {"sh", "python", "yaml", "csv", "text"}


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block."""

    language: str
    text: str
    line: int
    """Its first line in the document."""

    @property
    def file(self) -> str | None:
        """The file that it is: a comment in its first line names it; every table is TABLE.csv."""
        if self.language == "csv":
            return "TABLE.csv"
        named = re.match(r"# ([\w/]+\.\w+)\n", self.text)
        return named.group(1) if named else None

    @property
    def commands(self) -> list[str]:
        """Lines of a shell, without comments and continued lines joined."""
        lines = self.text.replace("\\\n", " ").splitlines() if self.language == "sh" else []
        return [command for line in lines if (command := line.split("#")[0].strip())]


def blocks(document: Path) -> list[Block]:
    """All blocks of a document."""
    text = document.read_text(encoding="utf-8")
    found = re.finditer(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [
        Block(language=one.group(1), text=one.group(2), line=text.count("\n", 0, one.start(2)) + 1) for one in found
    ]


def inline_code(document: Path) -> list[str]:
    """What stands between backticks in sentences and tables."""
    text = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", text)]


def commands(document: Path, program: str) -> Iterator[str]:
    """What follows ``program`` in code, in blocks and in sentences."""
    lines = [line for block in blocks(document) for line in block.commands] + inline_code(document)
    for line in lines:
        match = re.match(rf"(?:\.venv/bin/)?{program} (.*)", line)
        if match:
            yield match.group(1).strip()
