"""Which of several processes this is, before and without torch.distributed."""

import logging
import os

_VARIABLES = ("RANK", "LOCAL_RANK", "SLURM_PROCID")


def is_main_process() -> bool:
    """Whether this process writes files and talks."""
    return next((os.environ[name] for name in _VARIABLES if name in os.environ), "0") == "0"


def hush_other_processes() -> None:
    """Let only the main process log."""
    if not is_main_process():
        logging.getLogger("transflower").setLevel(logging.ERROR)
