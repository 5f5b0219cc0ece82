"""A multimodal encoder and one head for each output, and what they share: scaling, noise, dropout, clamping.

Shape letters: B batch, P positions of a window, L frames of an input, N frames of a target, D columns on disk,
V columns that are modelled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int, Shaped
from torch import Generator, Tensor, nn

from transflower.core.errors import ModelError
from transflower.core.moments import Moments, with_floor
from transflower.core.spans import UNKNOWN_CLASS, Span, StreamSpec
from transflower.models.encoders import Encoder, InputSpec
from transflower.models.heads import CategoricalHead, Head
from transflower.models.history_noise import is_before
from transflower.models.options import ModelConfig
from transflower.models.scaling import ClassIndices, Standardiser, TargetScaling
from transflower.models.stream import ModelStream
from transflower.nn.autocast import full_precision
from transflower.nn.noise import Noise, SharedNoise

Batch = Mapping[str, Mapping[str, Tensor]]
"""``{"inputs": {name: [B, L + P - 1, D]}, "targets": {name: [B, N + P - 1, D]}}``, as on disk."""


@dataclass(frozen=True, eq=False)
class _Prepared:
    """A batch as the parts see it."""

    inputs: dict[str, Tensor]
    """For the encoder."""
    targets: dict[str, Shaped[Tensor, "B P N V"]]
    previous: dict[str, Shaped[Tensor, "B P V"]]
    """The frame before each position, of outputs that are inputs too."""
    clamped: Tensor
    """Share of values that were clamped."""

    def rows(self, chosen: Int[Tensor, " R"]) -> "_Prepared":
        """A copy of so many windows of the batch."""
        inputs, targets, previous = (
            {name: frames[chosen] for name, frames in group.items()}
            for group in (self.inputs, self.targets, self.previous)
        )
        return _Prepared(inputs=inputs, targets=targets, previous=previous, clamped=self.clamped)

    def replace_rows(self, chosen: Int[Tensor, " R"], by: "_Prepared") -> None:
        """Put other windows in their place."""
        for own, others in ((self.inputs, by.inputs), (self.targets, by.targets), (self.previous, by.previous)):
            for name, frames in others.items():
                own[name] = own[name].index_copy(0, chosen, frames)


class Model(nn.Module):
    """A conditional distribution of every output at every position, given the inputs.

    It reads and makes features as they are on disk. What training adds (noise on the history, dropout, clamping)
    depends on ``train()`` and ``eval()``, as for any module; noise on targets is always added, and given inputs
    and drawn frames are always clamped.
    """

    is_initialised: Tensor

    def __init__(self, config: ModelConfig, streams: Mapping[str, StreamSpec], moments: Mapping[str, Moments]) -> None:
        """Build the parts for the data at hand.

        Args:
            config: the options.
            streams: shape and kind of each modality.
            moments: mean and standard deviation of each continuous modality over the training split.

        Raises:
            ModelError: the options cannot work with these shapes.
        """
        super().__init__()
        self.config = config
        self.streams = dict(streams)
        self.spans: dict[str, Span] = config.spans
        is_scaled = config.normalize == "none"
        drawn = [name for name, window in config.outputs.items() if window.kind == "continuous"]
        moments = {**moments, **{name: with_floor(moments[name], config.least_std) for name in drawn}}
        self.input_scalings = nn.ModuleDict(
            {
                name: nn.Identity() if is_scaled or window.kind == "categorical" else Standardiser(moments[name])
                for name, window in config.inputs.items()
            }
        )
        self.target_scalings = nn.ModuleDict(
            {
                name: TargetScaling(name, moments[name], is_scaled=is_scaled)
                if name in drawn
                else ClassIndices(self.streams[name].dim)
                for name in config.outputs
            }
        )
        self.encoder = self._build_encoder()
        self.heads = nn.ModuleDict({name: self._build_head(name) for name in config.outputs})
        self.register_buffer("is_initialised", torch.tensor(False))
        self._is_known_initialised = False

    @property
    def history(self) -> int:
        """Positions before the first drawn one that the encoder gains from seeing."""
        return self.encoder.history

    @property
    def dims(self) -> dict[str, int]:
        """V of each output."""
        return {name: self.scaling(name).dim for name in self.config.outputs}

    @property
    def has_density(self) -> bool:
        """Whether every head has a likelihood."""
        return all(self.head(name).has_density for name in self.config.outputs)

    def head(self, output: str) -> Head:
        """The distribution of an output."""
        head = self.heads[output]
        assert isinstance(head, Head)
        return head

    def scaling(self, output: str) -> TargetScaling | ClassIndices:
        """What leads from an output's features to what is modelled, and back."""
        scaling = self.target_scalings[output]
        assert isinstance(scaling, TargetScaling | ClassIndices)
        return scaling

    @torch.no_grad()
    def initialise(self, batch: Batch, *, generator: Generator | None = None) -> None:
        """Set all data-dependent layers from one batch, once, before training, in full precision."""
        was_training = self.training
        with full_precision(next(self.parameters())):
            prepared = self.train()._prepare(batch, generator)
            contexts = self.eval().encoder(prepared.inputs)
            for name, target in prepared.targets.items():
                self.head(name).initialise(target, contexts[name], prepared.previous.get(name))
        self.is_initialised.fill_(True)
        self.train(was_training)

    def loss(self, batch: Batch, *, generator: Generator | None = None) -> tuple[Tensor, dict[str, Tensor]]:
        """The heads' losses per dimension, averaged by dimensions and weights of outputs; and detached figures to log.

        Args:
            batch: features as they are on disk.
            generator: of the noises, on the model's device; by default torch's own, as for dropout.

        Returns:
            A scalar, and the figures: ``nll``, in nats per dimension over all outputs, where every head has a density;
            ``clamped``, the share of clamped values, in training; and those of the heads.
        """
        self._check_initialised()
        prepared = self._prepare(batch, generator)
        if self.training and self.config.unrolls.frames:
            self._unroll(prepared, generator)
        contexts = self.encoder(prepared.inputs)
        losses, figures = {}, {}
        for name, target in prepared.targets.items():
            losses[name], figures[name] = self.head(name).loss(target, contexts[name], prepared.previous.get(name))
        logged = self._total(figures)
        if self.training:
            logged["clamped"] = prepared.clamped
        weights = {name: window.weight for name, window in self.config.outputs.items()}
        return self._mean(losses, weights), logged

    def log_prob(self, batch: Batch, *, generator: Generator | None = None) -> dict[str, Float[Tensor, "B P"]]:
        """Log density of each output's standardised target in nats, summed over its N frames and V columns.

        Raises:
            ModelError: a head has no density.
        """
        self._check_initialised()
        prepared = self._prepare(batch, generator)
        contexts = self.encoder(prepared.inputs)
        return {
            name: self.head(name).log_prob(target, contexts[name], prepared.previous.get(name))[0]
            for name, target in prepared.targets.items()
        }

    def stream(self, batch_size: int, *, reach: int | None = None) -> ModelStream:
        """The model on stage: position after position, for ``batch_size`` dancers.

        A live stage may choose to see fewer frames ahead than the model was trained for: ``reach`` of them.
        """
        self._check_initialised()
        return ModelStream(self, batch_size, reach=reach)

    def has_previous(self, output: str) -> bool:
        """Whether the frame before an output is known, because it is the last of the input of the same name."""
        return output in self.spans and self.spans[output].stop == self.config.target_spans[output].start

    def scale_input(self, name: str, frames: Tensor) -> Tensor:
        """Standardised features; class indices as they are.

        What is only given, never drawn, is clamped as in training: a recording unlike all that was seen, such as music
        with sound in a band where there never was any, does no more than the strangest that was.
        """
        scaled = self.input_scalings[name](frames)
        is_given = name not in self.config.outputs and self.config.inputs[name].kind == "continuous"
        return scaled.clamp(-self.config.clamp, self.config.clamp) if is_given else scaled

    def restore_output(self, name: str, frames: Shaped[Tensor, "... V"]) -> Shaped[Tensor, "... D"]:
        """Features as they are on disk, of frames that were drawn.

        Drawn values are clamped as in training, which never shows larger ones, neither as a target nor as a history: a
        model that is lost stays within bounds, and what it reads again is no stranger than what it has learnt from.
        """
        if self.config.outputs[name].kind == "continuous" and self.config.normalize != "none":
            frames = frames.clamp(-self.config.clamp, self.config.clamp)
        return self.scaling(name).restore(frames)

    def _build_encoder(self) -> Encoder:
        inputs = {name: InputSpec(stream=self.streams[name], span=span) for name, span in self.spans.items()}
        outputs = {name: window.length for name, window in self.config.outputs.items()}
        return self.config.encoder.build(inputs=inputs, outputs=outputs)

    def _build_head(self, name: str) -> Head:
        context_length, context_dim = self.encoder.context_shapes[name]
        target, length = replace(self.streams[name], dim=self.scaling(name).dim), self.config.outputs[name].length
        if target.kind == "categorical":
            return CategoricalHead(target, length=length, context_dim=context_dim, context_length=context_length)
        return self.config.head.build(
            target=target,
            length=length,
            context_dim=context_dim,
            context_length=context_length,
            has_previous=self.has_previous(name),
        )

    def _check_initialised(self) -> None:
        # Reading a buffer on an accelerator waits for it, so it is read until it is true and then no more.
        self._is_known_initialised = self._is_known_initialised or bool(self.is_initialised)
        if not self._is_known_initialised:
            raise ModelError("the model has not seen data yet; call initialise(batch) once before training")

    def _prepare(self, batch: Batch, generator: Generator | None) -> _Prepared:
        """Everything that is shared by the heads."""
        shares: list[Tensor] = []
        inputs = {name: self._prepare_input(name, batch["inputs"][name], shares) for name in self.spans}
        targets = {}
        for name, target in batch["targets"].items():
            frames = self._prepare_target(name, target, shares, generator)
            targets[name] = frames.unfold(1, self.config.outputs[name].length, 1).transpose(2, 3)
        if self.training and self.config.history_noise.is_on:
            self._disturb(inputs, targets, generator)
        previous = {name: self._previous(name, inputs) for name in targets if self.has_previous(name)}
        if self.training:
            inputs = {name: self._drop_frames(name, frames, generator) for name, frames in inputs.items()}
        clamped = torch.stack(shares).mean() if shares else torch.zeros(())
        return _Prepared(inputs=inputs, targets=targets, previous=previous, clamped=clamped)

    def _prepare_input(self, name: str, raw: Tensor, shares: list[Tensor]) -> Tensor:
        frames = self.scale_input(name, raw)
        return frames if self.config.inputs[name].kind == "categorical" else self._clamp(frames, shares)

    def _prepare_target(self, name: str, raw: Tensor, shares: list[Tensor], generator: Generator | None) -> Tensor:
        scaled = self.scaling(name)(raw)
        if self.config.outputs[name].kind == "categorical":
            return scaled
        noise = SharedNoise(generator).normal(scaled.shape, like=scaled)
        return self._clamp(scaled, shares) + self.config.target_noise * noise

    def _disturb(
        self, inputs: dict[str, Tensor], targets: dict[str, Shaped[Tensor, "B P N V"]], generator: Generator | None
    ) -> None:
        """Push the history off the data, and the targets on the way back."""
        noise, any_target = self.config.history_noise, next(iter(targets.values()))
        share_known = noise.draw_known(len(any_target), device=any_target.device, generator=generator)
        for name in self.config.outputs:
            if name not in inputs:
                continue
            frames = inputs[name]
            known = (share_known * frames.shape[1]).long()
            if self.config.inputs[name].kind == "categorical":
                inputs[name] = frames.masked_fill(is_before(known, frames), UNKNOWN_CLASS)
                continue
            offset = noise.draw(frames, known, generator)
            inputs[name] = frames + offset
            if self.has_previous(name):
                last = self._previous(name, {name: offset})
                targets[name] = targets[name] + self._way_back(last, targets[name])

    def _way_back(self, last: Float[Tensor, "B P V"], target: Float[Tensor, "B P N V"]) -> Float[Tensor, "B P N V"]:
        """How far targets are off the data, given how far the frame before them is."""
        ages = torch.arange(1, target.shape[2] + 1, dtype=target.dtype, device=target.device)
        return self.config.history_noise.memory ** ages[:, None] * last.unsqueeze(2)

    @torch.no_grad()
    def _unroll(self, prepared: _Prepared, generator: Generator | None) -> None:
        """Let some of the windows have the model's own draws as their history."""
        unrolls, any_target = self.config.unrolls, next(iter(prepared.targets.values()))
        if any_target.shape[1] == 1:
            raise ModelError("unrolls need windows of several positions; raise training.positions, or leave them out")
        chosen = unrolls.choose(len(any_target), device=any_target.device, generator=generator)
        if not len(chosen):
            return
        windows = prepared.rows(chosen)
        for _ in range(unrolls.frames):
            self._feed_back(windows, SharedNoise(generator))
        prepared.replace_rows(chosen, windows)
        # Autocast would go on with the weights that it has cast here, of which it knows no gradients.
        torch.clear_autocast_cache()

    def _feed_back(self, windows: _Prepared, noise: Noise) -> None:
        """Every position draws its frame, which becomes what the next one looks back on."""
        contexts = self.encoder(windows.inputs)
        for name, before in windows.previous.items():
            head, frames, target = self.head(name), windows.inputs[name], windows.targets[name]
            drawn, _ = head.sample(contexts[name], before, head.init_state(len(frames)), noise=noise)
            fed = self.scale_input(name, self.restore_output(name, drawn[:, :-1, 0]))
            windows.inputs[name] = torch.cat((frames[:, : self.spans[name].length], fed), dim=1)
            windows.previous[name] = after = self._previous(name, windows.inputs)
            if self.config.outputs[name].kind == "continuous":
                windows.targets[name] = target + self._way_back(after - before, target)

    def _previous(self, output: str, inputs: Mapping[str, Tensor]) -> Shaped[Tensor, "B P V"]:
        return self.scaling(output).select(inputs[output][:, self.spans[output].length - 1 :])

    def _drop_frames(self, name: str, frames: Tensor, generator: Generator | None) -> Tensor:
        share = self.config.inputs[name].dropout
        if not share:
            return frames
        draws = torch.rand(frames.shape[:2], generator=generator, device=frames.device)
        return frames * (draws >= share)[..., None]

    def _clamp(self, frames: Tensor, shares: list[Tensor]) -> Tensor:
        if not self.training:
            return frames
        limit = self.config.clamp
        shares.append((frames.detach().abs() >= limit).to(frames.dtype).mean())
        return frames.clamp(-limit, limit)

    def _total(self, figures: Mapping[str, Mapping[str, Tensor]]) -> dict[str, Tensor]:
        """Figures by name: those of a single output as they are, others with their output's name before them."""
        if len(figures) == 1:
            return dict(next(iter(figures.values())))
        logged = {f"{output}/{name}": value for output, found in figures.items() for name, value in found.items()}
        if all("nll" in found for found in figures.values()):
            logged["nll"] = self._mean({name: found["nll"] for name, found in figures.items()})
        return logged

    def _mean(self, values: Mapping[str, Tensor], weights: Mapping[str, float] | None = None) -> Tensor:
        """Of values per dimension of each output, over all dimensions."""
        sizes = {name: self.dims[name] * self.config.outputs[name].length for name in values}
        shares = {name: size * (weights or {}).get(name, 1.0) for name, size in sizes.items()}
        return torch.stack([value * shares[name] for name, value in values.items()]).sum() / sum(shares.values())
