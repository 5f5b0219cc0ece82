"""``features.json`` of a model: shapes and sidecars of its modalities."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

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
        """Shape and kind of each modality."""
        return {name: StreamSpec(**asdict(stream)) for name, stream in self.streams.items()}


def read_features(path: Path, contents: object) -> Features:
    """What ``contents``, read from ``path``, says.

    Raises:
        FormatError: it is not what training writes.
    """
    try:
        return TypeAdapter(Features).validate_python(contents)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "all of it"
        raise FormatError(
            path, f"must hold `streams` and `sidecars`, as training writes them ({place}: {first['msg']})"
        ) from error
