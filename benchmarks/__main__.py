"""``python -m benchmarks [NAME...]``: all benchmarks, or those named. Learning takes half an hour."""

import sys
from collections.abc import Callable

import torch

from benchmarks import bvh, generation, learning, training

BENCHMARKS: dict[str, Callable[[], str]] = {
    "bvh": bvh.run,
    "generation": generation.run,
    "training": training.run,
    "learning": learning.run,
}


def main(names: list[str]) -> int:
    """Run and print them one after the other; 2 if a name is unknown."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    for name in names or BENCHMARKS:
        print(BENCHMARKS[name](), end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
