"""Breaks the program on purpose: ``python -m tests.fuzzing --minutes 60``, or ``make fuzz``.

Cases are made from a seed and a number, so that every finding can be had again; each is also kept as a folder.
"""

import argparse
import os
import sys
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_name] = "1"
# A child of a process that has a GPU open cannot use it.
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"


def main() -> int:
    """Try cases until the time is over; 1 if the contract was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60, help="how long to go on")
    parser.add_argument("--cases", type=int, help="how many cases of each target to try instead")
    parser.add_argument("--seed", type=int, default=0, help="number of the first case of each target")
    parser.add_argument("--targets", nargs="*", metavar="NAME", help="what to try; by default everything")
    parser.add_argument("--out", type=Path, default=Path("findings"), help="folder of what is found")
    parser.add_argument("--again", type=Path, metavar="FOLDER", help="run what was found once more")
    options = parser.parse_args()
    if not hasattr(os, "fork"):
        print("this system cannot fork, without which a case would take seconds: nothing was tried")
        return 0
    # Not at the top: the environment is set before torch is imported.
    from tests.fuzzing.loop import Fuzzer, again

    if options.again:
        return again(options.again)
    with Fuzzer(options.out, targets=options.targets) as fuzzer:
        if options.cases:
            fuzzer.try_each(range(options.seed, options.seed + options.cases))
        else:
            fuzzer.try_for(options.minutes * 60, first=options.seed)
    print(fuzzer.summary())
    return 1 if fuzzer.findings else 0


if __name__ == "__main__":
    sys.exit(main())
