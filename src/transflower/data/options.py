"""Options of the data that a model is trained on."""

from dataclasses import dataclass, field
from pathlib import Path

from transflower.core.options.ranges import Count, FrameRate, Natural, Workers
from transflower.data.augmentation.options import AugmentationConfig


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """A folder of features, and how windows are cut from it."""

    folder: Path
    """Folder with `ID.FEATURE.npy` files and the lists `base_filenames_SPLIT.txt`."""
    features: dict[str, str] = field(default_factory=dict)
    """Feature on disk for each modality of the model, where the two have different names."""
    fps: dict[str, FrameRate] = field(default_factory=dict)
    """Frames per second of each modality whose feature has no sidecar that says them. One may be a multiple of
    another."""
    variants: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Other features on disk of the same columns and lengths as that of the named input. Each training window draws one
    of them or the feature itself; validation reads the feature itself, and statistics are of it alone."""
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    """Changes of training windows at random."""
    train_split: str = "train"
    """Split to train on."""
    val_split: str = "val"
    """Split held out for validation."""
    fix_lengths: bool = True
    """Read the common length of modalities that start together and end at different times; files are never changed."""
    max_length_gap: Natural | None = None
    """Largest such difference in frames of the first output; anything above is an error. By default 10 seconds, or 3
    frames where the frame rate is not known."""
    padding: bool = True
    """Let every frame be a target: music is padded with silence, motion begins after the mean pose."""
    stride: Count | None = None
    """Positions between training windows; by default the number of positions in a window, so that each is seen once."""
    num_workers: Workers = 0
    """Processes that read windows for the training; 0 reads in the main process."""
