"""What was found, as folders: the files before the command, the command, and what it printed."""

import json
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.fuzzing.contract import Fault, Run
from tests.fuzzing.folder import copy_folder


@dataclass(kw_only=True)
class Finding:
    """A case that broke the contract, and how."""

    target: str
    number: int
    changed: str
    """What was changed in the files or the command."""
    fault: Fault
    words: list[str]
    printed: str = ""
    times: int = 1
    """How often the same kind was found."""
    folder: Path | None = None

    @classmethod
    def of(cls, target: str, number: int, changed: str, run: Run, fault: Fault) -> "Finding":
        """From a run."""
        printed = f"{run.out}{run.err}\nexit code {run.code}, {run.cpu_seconds:.2f} s, {run.num_bytes / 1e6:.0f} MB"
        return cls(target=target, number=number, changed=changed, fault=fault, words=list(run.words), printed=printed)

    @property
    def kind(self) -> str:
        """Findings of one kind have one cause, as far as can be seen from outside."""
        is_anywhere = self.fault.kind.startswith(("traceback", "warning"))
        return self.fault.kind if is_anywhere else f"{self.target}: {self.fault.kind}"


def save_finding(finding: Finding, files: Path, out: Path) -> None:
    """Write the folder, whose name says what and which case."""
    short = re.sub(r"\W+", "-", finding.fault.kind)[:60].strip("-")
    folder = finding.folder = out / f"{finding.target}-{finding.number}-{short}"
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    copy_folder(files, folder / "files")
    tree = {"target": finding.target, "seed": finding.number, "changed": finding.changed, "words": finding.words}
    (folder / "case.json").write_text(json.dumps(tree, indent=1) + "\n")
    text = [
        f"{finding.fault.kind} {finding.fault.detail}".strip(),
        f"case {finding.number} of {finding.target} ({finding.changed})",
        f"again: python -m tests.fuzzing --again {shlex.quote(str(folder))}",
        f"by hand, in a copy of files/: transflower {shlex.join(finding.words)}",
        "",
        finding.printed,
    ]
    (folder / "finding.txt").write_text("\n".join(text), encoding="utf-8", errors="backslashreplace")


def read_finding(folder: Path) -> Finding:
    """The case of a finding that was saved."""
    tree = json.loads((folder / "case.json").read_text())
    return Finding(
        target=tree["target"], number=tree["seed"], changed=tree["changed"], words=tree["words"], fault=Fault(kind="")
    )
