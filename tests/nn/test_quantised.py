import pytest
import torch
from torch import nn

from tests.nn.factories import randn
from transflower.core.errors import OptionsError
from transflower.nn import quantised as kernels
from transflower.nn.quantised import (
    Bf16Linear,
    FbgemmInt8Linear,
    Fp16Linear,
    Int8Linear,
    QuantisedLinear,
    prepare_linear,
    quantise,
)

IN, OUT = 320, 512
KINDS = {"bf16": Bf16Linear, "half": Fp16Linear, "int8": Int8Linear, "bytes": FbgemmInt8Linear}
TOLERANCES = {"bf16": 5e-3, "half": 5e-4, "int8": 0.02, "bytes": 0.025}
NEEDS_FBGEMM = {"half", "bytes"}
SIZES = {"bf16": 2, "half": 2, "int8": 1, "bytes": 1}


def make_linear(*, bias: bool = True, dim: int = IN) -> nn.Linear:
    linear = nn.Linear(dim, OUT, bias=bias)
    with torch.no_grad():
        linear.weight.copy_(randn(OUT, dim, dtype=torch.float32) / dim**0.5)
    return linear


def make(kind: str, linear: nn.Linear) -> QuantisedLinear:
    if kind in NEEDS_FBGEMM and not kernels._has_fbgemm():
        pytest.skip("fbgemm is not here")
    return KINDS[kind](linear)


def rms(x: torch.Tensor) -> float:
    return x.square().mean().sqrt().item()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(1, 1), (3,), (2, 3, 2), (17,)], ids=str)
def test_results_are_those_of_single_precision_within_what_the_bits_allow(kind, bias, shape):
    linear, x = make_linear(bias=bias), randn(*shape, IN, dtype=torch.float32)
    expected = linear(x).detach()
    found = make(kind, linear)(x)
    assert found.shape == expected.shape
    assert found.dtype == torch.float32
    assert rms(found - expected) < TOLERANCES[kind] * rms(expected)


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_does_not_depend_on_the_rows_beside_it(kind):
    mapped = make(kind, make_linear())
    x = randn(4, IN, dtype=torch.float32)
    louder = torch.cat([x[:1], 1e4 * x[1:]])
    alone = mapped(x[:1])
    assert (mapped(louder)[:1] - alone).abs().max() < 1e-5 * rms(alone)


@pytest.mark.parametrize("kind", KINDS)
def test_rows_of_zeros_give_the_bias_and_large_ones_are_scaled(kind):
    linear = make_linear()
    mapped = make(kind, linear)
    assert (mapped(torch.zeros(2, IN)) - linear.bias).abs().max() < 1e-3
    large = 1e6 * randn(1, IN, dtype=torch.float32)
    assert rms(mapped(large) - linear(large)) < TOLERANCES[kind] * rms(linear(large))


def test_the_largest_bytes_do_not_run_over():
    linear = nn.Linear(IN, OUT)
    nn.init.ones_(linear.weight)
    mapped = make("bytes", linear)(torch.ones(1, IN))
    assert rms(mapped - linear(torch.ones(1, IN))) < 0.02 * IN


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_how_many_bytes_it_reads(kind):
    assert make(kind, make_linear()).num_bytes == SIZES[kind] * IN * OUT


@pytest.mark.parametrize("precision", ["bf16", "int8"])
def test_small_maps_stay_as_they_are(precision):
    small, large = make_linear(dim=16), make_linear()
    assert prepare_linear(small, precision) is small
    assert isinstance(prepare_linear(large, precision), QuantisedLinear)


@pytest.mark.parametrize(("dim", "stride"), [(OUT - 1, (1, OUT)), (OUT, (OUT, 1))])
def test_single_precision_only_moves_the_weights_of_maps_with_more_outputs_than_inputs(dim, stride):
    linear, x = make_linear(dim=dim), randn(2, dim, dtype=torch.float32)
    expected = linear(x).detach()
    moved = prepare_linear(linear, "fp32")
    assert type(moved) is nn.Linear
    assert moved.weight.stride() == stride
    assert rms(moved(x) - expected) < 1e-6 * rms(expected)


@pytest.mark.parametrize(
    ("precision", "has_fbgemm", "has_native", "kernel"),
    [
        ("bf16", True, True, Bf16Linear),
        ("bf16", True, False, Fp16Linear),
        ("bf16", False, False, Bf16Linear),
        ("int8", True, True, Int8Linear),
        ("int8", True, False, FbgemmInt8Linear),
        ("int8", False, False, Int8Linear),
    ],
)
def test_the_kernel_is_chosen_by_what_the_processor_can(precision, has_fbgemm, has_native, kernel, monkeypatch):
    if has_fbgemm and not kernels._has_fbgemm():
        pytest.skip("fbgemm is not here")
    monkeypatch.setattr(kernels, "_has_fbgemm", lambda: has_fbgemm)
    monkeypatch.setattr(kernels, "_has_byte_products", lambda: has_native)
    monkeypatch.setattr(kernels, "_can_pack_bf16", lambda: has_native)
    monkeypatch.setattr(torch.ops.mkldnn, "_reorder_linear_weight", lambda weight, rows: weight)
    assert type(prepare_linear(make_linear(), precision)) is kernel


def test_whole_numbers_times_their_scale_are_the_weights():
    weight = randn(5, 40, dtype=torch.float32)
    weight[2] = 0
    numbers, scale = quantise(weight)
    assert numbers.abs().amax(dim=1).tolist() == [127, 127, 0, 127, 127]
    assert ((numbers * scale[:, None] - weight).abs() <= 0.501 * scale[:, None]).all()


def test_unknown_precision_is_refused():
    with pytest.raises(OptionsError, match="'fp8'; choose fp32, bf16, int8"):
        kernels.check_precision("fp8")
