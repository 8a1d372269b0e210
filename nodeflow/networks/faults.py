"""What can be wrong with a network, said as a sentence that names the layer and a way out."""

from __future__ import annotations

from nodeflow.errors import NodeflowError


class NetworkError(NodeflowError):
    """A network cannot be as it is described.

    `layer` is the id of the layer at fault, empty when the fault concerns the whole; `option` is the option.
    """

    def __init__(self, message: str, layer: str = "", option: str = "") -> None:
        super().__init__(message)
        self.layer = layer
        self.option = option
