"""A run from beginning to end, or from where it was stopped."""

import logging
from pathlib import Path

from transflower.training.folder import RunFolder
from transflower.training.lock import RunLock
from transflower.training.options import Experiment
from transflower.training.preparation import build_model, open_data
from transflower.training.ranks import hush_other_processes, is_main_process
from transflower.training.recordings import check_recordings
from transflower.training.result import Result
from transflower.training.run_models import RunModels, are_written, check_fits
from transflower.training.state import Saved

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
    with RunLock(folder.path):
        return _train(experiment, folder)


def _train(experiment: Experiment, folder: RunFolder) -> Result:
    saved = folder.saved(experiment)
    is_over = saved is not None and experiment.training.is_over(saved.step, saved.run["clock"]["seconds"])
    if saved is not None and is_over and are_written(folder, saved):
        return _finished(folder, saved)
    data = open_data(experiment)
    model = build_model(experiment, data)
    models = RunModels(folder=folder, experiment=experiment, data=data)
    if saved is not None:
        check_fits(model, saved, experiment, folder)
        check_recordings(saved, data, folder)
        if is_main_process():
            models.update(saved, model)
        if is_over:
            return _finished(folder, saved)
        log.info("%s goes on after step %d", folder.path, saved.step)
    # What is mapped stays on the disk after it was replaced.
    step, saved = None if saved is None else saved.step, None
    # Lightning takes seconds to import: what can be refused is refused before.
    from transflower.training.trainer import fit

    return fit(experiment, models, data, model, step)


def _finished(folder: RunFolder, saved: Saved) -> Result:
    log.info("%s is finished; for more, raise training.max_steps or training.max_minutes", folder.path)
    return Result.of(folder.path, saved.step, saved.run, is_finished=True)
