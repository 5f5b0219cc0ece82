"""Everything that training needs of a folder: checked windows, shapes, statistics, whole sequences."""

import hashlib
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fractions import Fraction
from typing import Any

import numpy as np

from transflower.core.errors import OptionsError, TransflowerError
from transflower.core.rates import relative_rates
from transflower.core.spans import UNKNOWN_CLASS, Kind, Span, StreamSpec, check_no_leak
from transflower.data.augmentation.augmenter import Augmenter, make_augmenter
from transflower.data.check import check
from transflower.data.conventions import DTYPES, frame_rate, silence_row
from transflower.data.dataset import WindowDataset
from transflower.data.inspection import Expected
from transflower.data.options import DataConfig
from transflower.data.report import Report
from transflower.data.statistics import Statistics, combine
from transflower.data.store import Store
from transflower.data.variants import check_variants, of_features
from transflower.data.window_order import num_windows
from transflower.data.windows import WindowLayout
from transflower.features.sidecar import Sidecar, sidecar_from_dict

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingData:
    """What ``open_training_data`` found."""

    train: WindowDataset
    val: WindowDataset
    stride: int
    """Windows between those of an epoch, which are as many times ``train.layout.step`` positions apart."""
    streams: Mapping[str, StreamSpec]
    """What the rows of each modality are."""
    statistics: Mapping[str, Statistics]
    """Of each continuous modality, over the training split."""
    sidecars: Mapping[str, dict[str, Any] | None]
    """Description of each modality, where it was extracted by us."""
    report: Report
    store: Store = field(repr=False)
    features: Mapping[str, str]
    """Feature on disk of each modality."""

    @property
    def num_windows(self) -> int:
        """Windows of an epoch of training."""
        return num_windows(self.train.counts, self.stride)

    @property
    def fingerprint(self) -> dict[str, str]:
        """``FEATURE/SPLIT`` -> digest of the ids, lengths and values that are read, in their order."""
        return {
            f"{feature}/{split}": self._digest(feature, ids)
            for feature in sorted(self.report.features)
            for split, ids in self.report.splits.items()
        }

    def sequences(self, split: str, first: int = 0) -> Iterator[tuple[str, dict[str, np.ndarray]]]:
        """The usable sequences of a split that was opened, from the ``first`` on: id, and modalities at full length.

        Time-synced modalities are equally long, which is equally many rows where rates are equal. Of alternatives, the
        first is taken.
        """
        for sequence_id in self.report.splits[split][first:]:
            yield sequence_id, {name: self._whole(sequence_id, name) for name in self.streams}

    def _digest(self, feature: str, ids: Sequence[str]) -> str:
        contents = self.report.contents[feature]
        lines = "".join(f"{one}\t{contents[one].digest}\n" for one in ids)
        return hashlib.sha256(lines.encode()).hexdigest()[:16]

    def _whole(self, sequence_id: str, name: str) -> np.ndarray:
        file, stream = self.store.open(sequence_id, self.features[name]), self.streams[name]
        summary = self.report.features[self.features[name]]
        if summary.mode == "sequence":
            array = file.read(0, summary.num_frames(self.report.lengths[sequence_id]))
        else:
            array = file.read(0, 1) if len(file.shape) == 3 else file.read()
        return array.reshape(-1, stream.dim).astype(DTYPES[stream.kind])


def open_training_data(
    config: DataConfig,
    *,
    inputs: Mapping[str, Span],
    outputs: Mapping[str, Span],
    categorical: Collection[str] = (),
    positions: int = 1,
    seed: int = 0,
) -> TrainingData:
    """Check the training and validation splits for a model that reads ``inputs`` and predicts ``outputs``.

    Args:
        config: where recordings are.
        inputs: frames of each modality that a position needs, relative to its own.
        outputs: frames of each modality that a position predicts.
        categorical: modalities that hold class indices.
        positions: consecutive positions of a window.
        seed: of the order and of what is drawn.

    Raises:
        DataError: problems in the folder, all of them.
        OptionsError: windows that contradict each other, or a modality that does not exist.
    """
    layout = WindowLayout(inputs=inputs, targets=outputs, positions=positions, padding=config.padding)
    features = _features(config, layout)
    variants = of_features(config.variants, features)
    kinds: dict[str, Kind] = {name: "categorical" if name in categorical else "continuous" for name in features}
    store = Store(config.folder)
    layout = layout.at_rates(_rates(config, store, layout, features))
    report = check(
        store,
        _expected(config, layout, features, kinds),
        outputs=[features[name] for name in outputs],
        splits=(config.train_split, config.val_split),
        fix_lengths=config.fix_lengths,
        max_length_gap=config.max_length_gap,
        min_frames=layout.min_frames,
        variants=variants,
    )
    report.raise_problems()
    log.info("%s", report)
    drawn = {name: (feature, *config.variants.get(name, ())) for name, feature in features.items()}
    streams = {name: _stream(report, found, kinds[name]) for name, found in drawn.items()}
    statistics = {
        name: combine(report.contents[features[name]][one] for one in report.splits[config.train_split])
        for name, stream in streams.items()
        if stream.kind == "continuous"
    }
    sidecars = {name: report.features[feature].sidecar for name, feature in features.items()}
    fill = _fill_rows(layout, features, streams, statistics, sidecars)

    described = _described(store, sidecars, features) if config.augmentation.is_on else {}
    augmenter = make_augmenter(config.augmentation, seed, layout=layout, sidecars=described)

    def dataset(split: str, features: Mapping[str, Sequence[str]], augmenter: Augmenter | None = None) -> WindowDataset:
        lengths = {one: report.lengths[one] for one in report.splits[split]}
        return WindowDataset(
            store,
            lengths,
            layout=layout,
            streams=streams,
            features=features,
            fill=fill,
            seed=seed,
            augmenter=augmenter,
        )

    return TrainingData(
        train=dataset(config.train_split, drawn, augmenter),
        val=dataset(config.val_split, {name: (feature,) for name, feature in features.items()}),
        stride=_stride(config.stride or positions, layout),
        streams=streams,
        statistics=statistics,
        sidecars=sidecars,
        report=report,
        store=store,
        features=features,
    )


def _described(
    store: Store, sidecars: Mapping[str, dict[str, Any] | None], features: Mapping[str, str]
) -> dict[str, Sidecar]:
    """What the columns of motion and sound mean, where that is known."""
    return {
        name: sidecar_from_dict(dict(found), store.folder / f"{features[name]}.json")
        for name, found in sidecars.items()
        if found and found.get("kind") in {"motion", "audio"}
    }


def _features(config: DataConfig, layout: WindowLayout) -> dict[str, str]:
    names = [*layout.inputs, *(name for name in layout.targets if name not in layout.inputs)]
    for option, named in (("features", config.features), ("fps", config.fps), ("variants", config.variants)):
        for name in named:
            if name not in names:
                near = get_close_matches(name, names, n=1)
                hint = f" (did you mean {near[0]!r}?)" if near else ""
                raise OptionsError(f"data.{option} names {name!r}{hint}; the model has: {', '.join(names)}")
    features = {name: config.features.get(name, name) for name in names}
    for target, predicted in layout.targets.items():
        for name, span in layout.inputs.items():
            # Two names of one feature leak like one name.
            if features[name] == features[target]:
                check_no_leak({target: span}, {target: predicted})
    check_variants(config.variants, features, list(layout.targets))
    return features


def _rates(config: DataConfig, store: Store, layout: WindowLayout, features: Mapping[str, str]) -> dict[str, Fraction]:
    """Frames of each modality for each position; a rate that is wrong is reported with all other problems."""
    spans = {**layout.inputs, **layout.targets}
    fps: dict[str, float | None] = {}
    for name in (name for name, span in spans.items() if span.mode == "sequence"):
        try:
            fps[name] = frame_rate(store.sidecar(features[name])) or config.fps.get(name)
        except (TransflowerError, ValueError):
            return {}
    try:
        return relative_rates(fps, list(layout.targets))
    except OptionsError:
        return {}


def _stride(positions: int, layout: WindowLayout) -> int:
    """Windows that are so many positions apart."""
    if positions % layout.step:
        raise OptionsError(
            f"data.stride is {positions}; beside an input with one frame for every {layout.step} positions it must be "
            f"a multiple of {layout.step}"
        )
    return positions // layout.step


def _expected(
    config: DataConfig, layout: WindowLayout, features: Mapping[str, str], kinds: Mapping[str, Kind]
) -> dict[str, Expected]:
    expected: dict[str, Expected] = {}
    for side in (layout.inputs, layout.targets):
        for name, span in side.items():
            num_rows = span.length if span.mode == "single" else None
            what = Expected(mode=span.mode, kind=kinds[name], num_rows=num_rows, fps=config.fps.get(name))
            for feature in (features[name], *config.variants.get(name, ())):
                if expected.setdefault(feature, what) != what:
                    raise OptionsError(f"feature {feature!r} is read in two modes or kinds; use two features")
    return expected


def _stream(report: Report, features: Sequence[str], kind: Kind) -> StreamSpec:
    found = report.features[features[0]]
    num_classes = max(contents.num_classes for name in features for contents in report.contents[name].values())
    if kind == "categorical":  # A label may be in none of the splits that are read.
        num_classes = max(num_classes, len((found.sidecar or {}).get("vocabulary", ())))
    return StreamSpec(dim=found.dim, kind=kind, num_classes=num_classes, fps=found.fps)


def _fill_rows(
    layout: WindowLayout,
    features: Mapping[str, str],
    streams: Mapping[str, StreamSpec],
    statistics: Mapping[str, Statistics],
    sidecars: Mapping[str, Mapping[str, Any] | None],
) -> dict[str, np.ndarray]:
    """Rows for frames beyond a recording: the mean pose for outputs, silence for sound."""
    fill: dict[str, np.ndarray] = {}
    predicted = {features[name] for name in layout.targets}
    for name in layout.inputs:
        if features[name] in predicted:
            # Not the first row: it is the first target.
            known = statistics.get(name)
            unknown = np.full(streams[name].dim, UNKNOWN_CLASS)
            fill[name] = unknown if known is None else known.mean.astype(np.float32)
        elif (silence := silence_row(sidecars[name])) is not None:
            fill[name] = silence
    return fill
