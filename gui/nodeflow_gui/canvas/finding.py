"""Finding nodes on the canvas by words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nodeflow_gui.canvas.view import CanvasView


class Finding:
    """The hits of the last search on one view, and which of them is shown."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._found: list[str] = []

    def find(self, text: str, step: int) -> None:
        """Search anew with step 0; go to the next hit with 1, to the one before with -1."""
        view, nodes = self._view, self._view.canvas_scene.nodes
        if step == 0:
            words = text.casefold().split()
            self._found = [node for node in nodes if words and all(one in self._words(node) for one in words)]
        self._found = [node for node in self._found if node in nodes]
        index = 0
        if self._found:
            here = view.current_node
            index = self._found.index(here) + step if here in self._found else 0
            index %= len(self._found)
            view.canvas_scene.select([self._found[index]])
            if view.scale_factor() < 0.6:
                view.zoom_to(1.0)
            view.centerOn(nodes[self._found[index]])
            view.view_moved()
        view.find_bar.tell(index, len(self._found))

    def _words(self, node: str) -> str:
        face = self._view.canvas_scene.nodes[node].face
        return f"{face.title} {face.summary} {face.category} {node}".casefold()
