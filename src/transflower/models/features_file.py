"""``features.json`` of a model: shapes and sidecars of its modalities."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from transflower.core.errors import FormatError
from transflower.core.spans import Kind, Mode, StreamSpec

_Columns = Annotated[int, Field(ge=1, strict=True)]
_Classes = Annotated[int, Field(ge=0, strict=True)]
_Rate = Annotated[float, Field(gt=0, strict=True, allow_inf_nan=False)]


@dataclass(frozen=True, kw_only=True)
class _Stream:
    """A ``StreamSpec`` as anyone may have written it."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    dim: _Columns
    kind: Kind = "continuous"
    mode: Mode = "sequence"
    """As 0.1.0 wrote it; the options say it too."""
    num_classes: _Classes = 0
    fps: _Rate | None = None


@dataclass(frozen=True)
class Features:
    """What the file holds."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    streams: dict[str, _Stream]
    sidecars: dict[str, dict[str, Any] | None]

    @property
    def specs(self) -> dict[str, StreamSpec]:
        """What the rows of each modality are."""
        return {name: _spec(stream) for name, stream in self.streams.items()}


def read_features(path: Path, contents: object) -> Features:
    """What ``contents``, read from ``path``, says.

    Raises:
        FormatError: it is not what training writes.
    """
    try:
        features = TypeAdapter(Features).validate_python(contents)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "all of it"
        raise FormatError(
            path, f"must hold `streams` and `sidecars`, as training writes them ({place}: {first['msg']})"
        ) from error
    for name, stream in features.streams.items():
        _check_columns(path, name, stream, features.sidecars.get(name) or {})
    return features


def _spec(stream: _Stream) -> StreamSpec:
    return StreamSpec(dim=stream.dim, kind=stream.kind, num_classes=stream.num_classes, fps=stream.fps)


def _check_columns(path: Path, name: str, stream: _Stream, sidecar: dict[str, Any]) -> None:
    """Refuse a sidecar that is not of this stream."""
    names = sidecar.get("names")
    if isinstance(names, list) and len(names) != stream.dim:
        raise FormatError(path, f"names {len(names)} columns of {name!r}, which has {stream.dim}")
    if (found := sidecar.get("silence")) is None:
        return
    try:
        silence = np.asarray(found, np.float32).reshape(-1)
    except (TypeError, ValueError):
        silence = np.empty(0, np.float32)
    if len(silence) != stream.dim or not np.isfinite(silence).all():
        raise FormatError(path, f"the silence of {name!r} must be {stream.dim} finite numbers, one a column")
