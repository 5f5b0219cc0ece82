"""Check of a folder of recordings: one report of all problems."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from transflower.core.errors import DataError, OptionsError, TransflowerError
from transflower.core.memory import without_collection
from transflower.data.inspection import Expected, Inspection
from transflower.data.report import Report
from transflower.data.store import Store
from transflower.data.variants import compare_variants
from transflower.data.verb_options import CheckConfig


def check_folder(config: CheckConfig) -> Report:
    """Check a folder without a model in mind.

    Raises:
        DataError: no folder, or no features in it.
    """
    store = Store(config.folder)
    variants = config.variants
    drawn = [name for feature, others in variants.items() for name in (feature, *others)]
    needed = tuple(dict.fromkeys([*(config.features or store.features()), *drawn]))
    names = tuple(dict.fromkeys([*(config.features or store.contents()), *drawn]))
    if not names:
        raise DataError(f"{store.folder} holds no ID.FEATURE.npy file; make some with `transflower extract`")
    for name in {*config.categorical, *config.single, *config.tile, *config.fps}.difference(names):
        raise OptionsError(f"no feature is called {name!r}; there are: {', '.join(names)}")
    feature_of = {variant: feature for feature, others in variants.items() for variant in others}
    expected = {
        name: _expected(
            config,
            feature_of.get(name, name),
            is_needed=name in needed,
            is_label=_is_label_of_recordings(store, name),
        )
        for name in names
    }
    report = check(
        store,
        expected,
        splits=config.splits,
        fix_lengths=config.fix_lengths,
        max_length_gap=config.max_length_gap,
        min_frames=config.min_frames,
        variants=variants,
    )
    from transflower.data.unusual_values import find_unusual_values  # imported late, so that --help is quick

    return replace(report, warnings=[*report.warnings, *find_unusual_values(store, report)])


def check(
    store: Store,
    expected: Mapping[str, Expected],
    *,
    outputs: Sequence[str] = (),
    splits: Sequence[str] = (),
    fix_lengths: bool = True,
    max_length_gap: int | None = None,
    min_frames: int = 1,
    variants: Mapping[str, Sequence[str]] | None = None,
) -> Report:
    """Read every value once and report every problem; raises none of them.

    Args:
        store: the folder.
        expected: what each feature should be.
        outputs: features that are predicted, in whose frames lengths are counted; by default the fastest one.
        splits: lists to look at; none means all there are, or every sequence in the folder if there is no list.
        fix_lengths: whether features of one sequence may differ in length at all.
        max_length_gap: largest difference in frames; None takes the default.
        min_frames: shorter sequences are skipped.
        variants: features -> others that must have the same columns, lengths and frame rate.
    """
    with without_collection():
        return _check(
            Inspection(store, expected, outputs),
            splits,
            max_length_gap if fix_lengths else 0,
            min_frames,
            variants or {},
        )


def _check(
    inspection: Inspection,
    splits: Sequence[str],
    max_gap: int | None,
    min_frames: int,
    variants: Mapping[str, Sequence[str]],
) -> Report:
    listed = inspection.read_lists(splits)
    ids = list(dict.fromkeys(sequence_id for split in listed.values() for sequence_id in split))
    inspection.read_headers(ids)
    inspection.read_sidecars()
    compare_variants(inspection, variants)
    lengths = inspection.find_lengths(ids, max_gap)
    inspection.read_values(lengths)
    usable = inspection.skip_short(listed, lengths, min_frames)
    return inspection.report(usable, lengths)


def _expected(config: CheckConfig, feature: str, *, is_needed: bool, is_label: bool) -> Expected:
    is_tile = feature in config.tile or is_label
    return Expected(
        mode="single" if feature in config.single else "tile" if is_tile else "sequence",
        kind="categorical" if feature in config.categorical else "continuous",
        is_needed=is_needed,
        fps=config.fps.get(feature),
    )


def _is_label_of_recordings(store: Store, feature: str) -> bool:
    """Whether a feature is one row for each recording, as `extract labels --once` writes it."""
    try:
        sidecar = store.sidecar(feature) or {}
    except TransflowerError:
        return False  # The check itself tells.
    return sidecar.get("kind") == "labels" and sidecar.get("fps") is None
