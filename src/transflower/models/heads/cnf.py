"""A continuous flow over the next frames."""

from dataclasses import dataclass, field

from transflower.core.spans import StreamSpec
from transflower.models.heads.base import Head, HeadConfig
from transflower.models.heads.flow import FlowHead
from transflower.models.heads.outliers import Outliers
from transflower.models.heads.target import TargetConfig
from transflower.nn.flows import FlowShape
from transflower.nn.flows.cnf import CNFConfig


@HeadConfig.registry.register("cnf")
@dataclass(frozen=True, kw_only=True)
class CNFHeadConfig(TargetConfig):
    """A continuous flow, free in form and slow: its extra `cnf` must be installed."""

    flow: CNFConfig = field(default_factory=CNFConfig)
    """The flow's fields, and how they are followed."""

    def build(
        self, *, target: StreamSpec, length: int, context_dim: int, context_length: int, has_previous: bool = True
    ) -> Head:
        """The head."""
        space = self.build_space(target, length=length, has_previous=has_previous)
        shape = FlowShape(dim=target.dim, length=length, context_dim=context_dim, context_length=context_length)
        return FlowHead(self.flow.build(shape), space, None, outliers=Outliers(0.0))
