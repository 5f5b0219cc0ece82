"""Variants of a feature: other features of the same columns and lengths, of which each training window draws one."""

from collections.abc import Mapping, Sequence

from transflower.core.errors import DataError, FormatError, OptionsError
from transflower.data.conventions import single_shape
from transflower.data.inspection import Inspection


def check_variants(variants: Mapping[str, Sequence[str]], features: Mapping[str, str], outputs: Sequence[str]) -> None:
    """Refuse variants that cannot be drawn, whatever the folder holds.

    Args:
        variants: modality -> its variants.
        features: modality -> feature on disk.
        outputs: modalities that are predicted.

    Raises:
        OptionsError: naming the modality.
    """
    predicted = {features[name] for name in outputs}
    for name, others in variants.items():
        if features[name] in predicted or predicted.intersection(others):
            raise OptionsError(f"data.variants.{name} is of what the model predicts; only other inputs have variants")
        if features[name] in others or len(set(others)) < len(others):
            raise OptionsError(f"data.variants.{name} must name other features than {features[name]!r}, each once")


def of_features(variants: Mapping[str, Sequence[str]], features: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Feature on disk -> its variants, from those of each modality."""
    found: dict[str, tuple[str, ...]] = {}
    for name, others in variants.items():
        found[features[name]] = tuple(dict.fromkeys([*found.get(features[name], ()), *others]))
    return found


def compare_variants(inspection: Inspection, variants: Mapping[str, Sequence[str]]) -> None:
    """Report variants whose columns, frame rate or lengths are not those of their feature.

    Args:
        inspection: headers and sidecars are read; arrays of another length are dropped from it.
        variants: feature -> its variants.
    """
    for feature, others in variants.items():
        for variant in others:
            if inspection.headers[feature] and inspection.headers[variant]:
                _compare_columns(inspection, feature, variant)
                _compare_lengths(inspection, feature, variant)


def _compare_columns(inspection: Inspection, feature: str, variant: str) -> None:
    columns, fps = inspection.dims, {name: inspection.fps(name) for name in (feature, variant)}
    names = {name: (inspection.sidecars[name] or {}).get("names") for name in (feature, variant)}
    if columns[feature] != columns[variant]:
        fault = f"has {columns[variant]} columns, {feature} has {columns[feature]}"
    elif names[feature] != names[variant]:
        fault = f"has other names of columns in {variant}.json than {feature}.json"
    elif fps[feature] != fps[variant]:
        fault = f"has {_told(fps[variant])} frames per second, {feature} has {_told(fps[feature])}"
    else:
        return
    inspection.problems.append(
        DataError(f"{inspection.store.folder}: {variant} {fault}; extract both with the same settings")
    )


def _compare_lengths(inspection: Inspection, feature: str, variant: str) -> None:
    store, of_variant = inspection.store, inspection.headers[variant]
    for one, header in inspection.headers[feature].items():
        if one not in of_variant:
            continue
        wanted, found = (single_shape(each.shape)[1] for each in (header, of_variant[one]))
        if wanted != found:
            path, other = store.path(one, variant), store.path(one, feature).name
            inspection.problems.append(
                FormatError(path, f"has {found} frames, {other} has {wanted}; extract both from the same recordings")
            )
            del of_variant[one]


def _told(fps: float | None) -> str:
    return "unknown" if fps is None else f"{fps:g}"
