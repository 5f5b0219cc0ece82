"""A run from beginning to end, or from where it was stopped."""

import logging
from pathlib import Path

from transflower.training.folder import RunFolder
from transflower.training.options import Experiment
from transflower.training.preparation import build_model, open_data
from transflower.training.ranks import hush_other_processes
from transflower.training.result import Result

log = logging.getLogger(__name__)


def train(experiment: Experiment, out: Path | str) -> Result:
    """Train into the folder ``out``, which holds everything of the run; continue there if it holds one.

    Ctrl-C and SIGTERM save and stop after the step at hand; the same call continues, with the same weights to the bit
    as if it had never stopped (on one kind of device, unless schedules follow the clock).

    Raises:
        KeyboardInterrupt: it was asked twice to stop.
        TransflowerError: data, options or a folder that cannot be used.
    """
    hush_other_processes()
    folder = RunFolder(Path(out))
    saved = folder.saved(experiment)
    if saved is not None and experiment.training.is_over(saved.step, saved.run["clock"]["seconds"]):
        log.info("%s is finished; for more, raise training.max_steps or training.max_minutes", folder.path)
        return Result.of(folder.path, saved.step, saved.run, is_finished=True)
    data = open_data(experiment)
    model = build_model(experiment, data)
    # Lightning takes seconds to import: what can be refused is refused before.
    from transflower.training.fitting import fit

    if saved is not None:
        log.info("%s goes on after step %d", folder.path, saved.step)
    return fit(experiment, folder, data, model, saved)
