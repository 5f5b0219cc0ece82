"""Drawing from a model, position after position, with all that it must remember.

Shape letters: B rows of a batch, n newly arrived frames, N frames of one prediction, D columns on disk.
"""

from collections.abc import Mapping
from typing import Any

import torch
from jaxtyping import Shaped
from torch import Tensor

from transflower.core.errors import ModelError, OptionsError
from transflower.models.head_options import decode_head_options, is_guided
from transflower.models.parts import ModelParts
from transflower.models.sampler import Sampler
from transflower.nn.noise import Noise
from transflower.nn.state import prefixed, under


class ModelStream:
    """Frames go in as they arrive and come out, as they are on disk. Drawn ones are read again by ``push_drawn``.

    The first frame pushed of each input is the first of its span at the first position.
    """

    def __init__(
        self,
        model: ModelParts,
        batch_size: int,
        *,
        lookahead: int | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        heads = {name: model.head(name) for name in model.config.outputs}
        self.model = model
        self._options = decode_head_options(heads, options or {})
        self._guided = [name for name, found in self._options.items() if is_guided(found)]
        if self._guided and not any(window.drop_window for window in model.config.inputs.values()):
            raise OptionsError(
                "guidance compares with a model that is given no condition, which this one has not learnt; "
                "train with model.inputs.NAME.drop_window above 0"
            )
        self._encoder = model.encoder.stream(batch_size, lookahead=lookahead)
        self._null_encoder = model.encoder.stream(batch_size, lookahead=lookahead) if self._guided else None
        self._previous: dict[str, Tensor] = {}
        self._drawn: dict[str, Tensor] = {}
        self._samplers = {name: Sampler(head, batch_size) for name, head in heads.items()}

    @torch.inference_mode()
    def push(self, name: str, frames: Tensor) -> None:
        """Take the next frames ``[B, n, D]`` of an input; one of mode ``single`` is pushed whole, once."""
        scaled = self.model.scale_input(name, frames)
        self._push(name, scaled)
        if name in self._samplers and self.model.has_previous(name):
            self._previous[name] = self.model.scaling(name).select(scaled[:, -1:])

    @torch.inference_mode()
    def push_drawn(self, name: str, frames: slice) -> None:
        """Take some of the latest N drawn frames of an output as its input, as they were drawn."""
        drawn = self._drawn[name][:, frames]
        self._push(name, self.model.scaling(name).embed(drawn))
        if self.model.has_previous(name):
            self._previous[name] = drawn[:, -1:]

    @property
    def is_ready(self) -> bool:
        """Whether all frames that the next position needs have been pushed."""
        return self._encoder.is_ready

    @torch.inference_mode()
    def skip(self, given: Mapping[str, Shaped[Tensor, "B _ _"]] | None = None) -> None:
        """Go past a position whose frames are known already.

        Args:
            given: these frames, of outputs whose heads shall remember them as if they had been drawn.
        """
        if given:
            self._remember(given, self._encoder.step())
        else:
            self._encoder.skip()
        if self._null_encoder is not None:
            self._null_encoder.skip()

    @torch.inference_mode()
    def step(
        self,
        noise: Noise,
        *,
        temperature: float = 1.0,
        given: Mapping[str, Shaped[Tensor, "B _ _"]] | None = None,
    ) -> dict[str, Shaped[Tensor, "B N D"]]:
        """Draw the frames of the next position.

        Args:
            noise: where all randomness comes from.
            temperature: of all outputs.
            given: frames of outputs that are not drawn, as for ``skip``.

        Raises:
            ModelError: frames that it needs have not been pushed.
        """
        contexts = self._encoder.step()
        null_contexts = {} if self._null_encoder is None else self._null_encoder.step()
        self._remember(given or {}, contexts)
        drawn = {}
        for name, sampler in self._samplers.items():
            if given and name in given:
                continue
            frames = sampler.draw(
                contexts[name],
                self._previous.get(name),
                noise=noise,
                temperature=temperature,
                options=self._options[name],
                null_context=null_contexts[name] if name in self._guided else None,
            )
            self._drawn[name] = self.model.clamp_drawn(name, frames[:, 0])
            drawn[name] = self.model.scaling(name).restore(self._drawn[name])
        return drawn

    def state_dict(self) -> dict[str, Tensor]:
        """Everything remembered, as named tensors."""
        state = prefixed("encoder.", self._encoder.state_dict()) | prefixed("previous.", self._previous)
        if self._null_encoder is not None:
            state |= prefixed("null_encoder.", self._null_encoder.state_dict())
        for output, sampler in self._samplers.items():
            state |= prefixed(f"head.{output}.", sampler.state)
        return state

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Continue exactly where ``state`` was taken, by a stream of the same model and batch size.

        Raises:
            ModelError: the state is of another kind of model.
        """
        self._encoder.load_state_dict(under("encoder.", state))
        if self._null_encoder is not None:
            self._null_encoder.load_state_dict(under("null_encoder.", state))
        self._previous = under("previous.", state)
        for output, sampler in self._samplers.items():
            found = under(f"head.{output}.", state)
            if found.keys() != (sampler.state or {}).keys():
                raise ModelError(f"this state does not fit the head of {output!r}; it is of another model")
            sampler.state = found or None

    def _remember(self, given: Mapping[str, Tensor], contexts: Mapping[str, Tensor]) -> None:
        for name, frames in given.items():
            scaled = self.model.clamp_drawn(name, self.model.scaling(name)(frames))
            self._samplers[name].remember(scaled.unsqueeze(1), contexts[name], self._previous.get(name))

    def _push(self, name: str, scaled: Tensor) -> None:
        self._encoder.push(name, scaled)
        if self._null_encoder is not None:
            self._null_encoder.push(name, self.model.null_input(name, scaled))
