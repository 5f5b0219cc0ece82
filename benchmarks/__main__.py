"""``python -m benchmarks [NAME...]``: benchmarks of speed, or those named; ``models [OPTIONS]`` compares all presets.

``extraction FOLDER`` measures with the recordings in a folder.

Learning takes half an hour.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import torch

from benchmarks import bvh, comparison, extraction, generation, learning, starting, streaming, training, video
from transflower.core.errors import TransflowerError

BENCHMARKS: dict[str, Callable[[], str]] = {
    "bvh": bvh.run,
    "extraction": extraction.run,
    "generation": generation.run,
    "starting": starting.run,
    "streaming": streaming.run,
    "training": training.run,
    "video": video.run,
    "learning": learning.run,
}


def main(names: list[str]) -> int:
    """Run and print them one after the other; 2 if a name is unknown."""
    if names[:1] == ["models"]:
        return _compare(names[1:])
    if names[:1] == ["extraction"] and len(names) == 2 and Path(names[1]).is_dir():
        print(extraction.run(Path(names[1])))
        return 0
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        known = ", ".join([*BENCHMARKS, "models"])
        print(f"no benchmark is called {', '.join(unknown)}; there are: {known}", file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    for name in names or BENCHMARKS:
        print(BENCHMARKS[name](), end="\n\n", flush=True)
    return 0


def _compare(argv: list[str]) -> int:
    try:
        return comparison.main(argv)
    except TransflowerError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
