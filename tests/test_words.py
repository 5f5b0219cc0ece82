"""One word, one meaning: names that were given up are not used again."""

import re
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
SOURCE = CHECKOUT / "src" / "transflower"
GENERIC_ROOMS = ("nn", "models", "training", "data", "core")
"""Rooms that know of sequences and samples only."""

GIVEN_UP = {
    "Stage": "Engine",
    "Conductor": "TrainingCallback",
    "Meter": "RunningMeans",
    "coarser": "coarse_steps, multiscale",
    "changed_half": "transformed_half",
    "frame_coupling": "time_coupling",
    "frame_steps": "num_time_couplings",
    "history_memory": "decay",
    "hold_feet": "foot_lock",
    "held_feet": "foot_lock",
    "least_std": "min_std",
    "random_reach": "random_lookahead",
    "seed_motion": "prompt",
    "seed_until": "prompt_until",
    "scenery": "backdrop",
    "flesh": "body_mesh",
    "film": "render",
    "feel": "style",
    "tremble": "tremor",
    "figures": "metrics",
    "unrolls": "(removed)",
    "footing": "foot_lock",
    "replay": "cuda_graphs",
    "packed": "quantised",
    "folded": "fusion",
    "autoregression": "latent_ar",
}
"""A name, as a word of its own or a part of one -> what it is called now."""

ALLOWED = {
    "coarser": r"writer\.py|_coarser|coarser scale",  # the adjective
    "folded": r"times|M both|M batch|P is|folded in|is folded|folded = |folded\)|, folded|folded into|folded,",
    "packed": r"is_packed|archives\.py|packed tensors|fused and packed",
    "replay": r"cuda_graphs\.py",  # what a graph does
}
"""Lines where a word has its usual meaning."""

PHRASES = (
    "comes along",
    "no known move",
    "distance to the law",
    "the law",
    "way back",
    "seed motion",
    "on stage",
    "kicks of",
)
"""Said no more, nor printed."""

FILES_GIVEN_UP = {
    "generation": ("stage", "seeds", "fitting", "stored", "modalities"),
    "training": ("fitting", "conductor", "meter", "held_out"),
    "nn": ("replay", "packed", "folding"),
    "nn/flows": ("folded", "autoregression", "coarser", "frame_coupling"),
    "motion": ("footing", "limbs", "up"),
    "render": ("flesh", "bands", "strip", "stage", "scenery", "figures"),
    "data": ("synthetic",),
}
"""Folder -> modules that have another name."""

sources = sorted(path for path in SOURCE.rglob("*.py") if path.name != "renamed.py")
documents = [*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/*.md"), *CHECKOUT.glob("benchmarks/*.py")]


def found(pattern: str, paths: list[Path]) -> list[str]:
    """Places of a pattern, as ``file:line: text``."""
    return [
        f"{path.relative_to(CHECKOUT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize("name", GIVEN_UP)
def test_a_name_that_was_given_up_is_used_nowhere(name):
    # As a whole word, or as a part of a name that is joined by underscores.
    places = found(rf"(?<![A-Za-z]){name}(?![A-Za-z])", sources)
    assert [place for place in places if name not in ALLOWED or not re.search(ALLOWED[name], place)] == []


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_phrase_that_was_given_up_is_said_nowhere(phrase):
    spoken = [path for path in documents if path.name not in {"CHANGELOG.md", "research-log.md"}]
    assert found(rf"\b{phrase}\b", [*sources, *spoken]) == []


def test_files_that_were_given_up_are_gone():
    files = [SOURCE / room / name for room, names in FILES_GIVEN_UP.items() for name in names]
    assert [path for path in files if path.exists() or path.with_suffix(".py").exists()] == []


def test_generic_rooms_know_no_dancer():
    """But for data (a seed's word), presets, what was trained, and the title of the paper."""
    paths = [
        path for path in sources if path.relative_to(SOURCE).parts[0] in GENERIC_ROOMS and "pretrained" not in str(path)
    ]
    about_dance = {"splits.py", "inspection.py", "unusual_values.py", "recordings.py", "import_options.py"}
    about_dance |= {"labels_extraction.py", "verb_options.py", "imported_features.py"}
    paths = [path for path in paths if path.name not in about_dance and path.parent.name != "sources"]
    assert found(r"\b[Dd]ancer", [path for path in paths if path.name != "noise.py"]) == []


def test_memory_is_that_of_the_machine():
    """A model has state, and cross-attention a source; saved weights keep their names."""
    paths = [path for path in sources if path.relative_to(SOURCE).parts[0] in {"nn", "models"}]
    places = found(r"\bmemory\b", [path for path in paths if path.name not in {"memory.py", "checkpoint.py"}])
    kept = r"causal_block\.py|nn/causal\.py|memory bandwidth|encoders/causal\.py.*\"memory\.\""
    assert [place for place in places if not re.search(kept, place)] == []
