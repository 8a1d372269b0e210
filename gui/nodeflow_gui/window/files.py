"""What the window does with files: open, save, export, and offer what a crash left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox

from nodeflow.errors import NodeflowError
from nodeflow.files import atomic_path, atomic_write
from nodeflow_gui.look import caption, hint
from nodeflow_gui.window.asking import agrees, question
from nodeflow_gui.window.dropping import is_workflow, reader_for
from nodeflow_gui.window.examples import copy_data, is_example

if TYPE_CHECKING:
    from nodeflow_gui.window.main_window import MainWindow
    from nodeflow_gui.window.page import WorkflowPage


class FileCommands(QObject):
    """The commands of the file menu for one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window = window

    # -- opening ------------------------------------------------------------------------------

    def new(self) -> WorkflowPage:
        """An empty workflow in a new tab."""
        page = self.window.add_page()
        page.document.new()
        self.window.show_page(page)
        return page

    def fill_recent(self, menu: QMenu) -> None:
        """Offer the files used last, as far as they are still there."""
        menu.clear()
        for path in self.window.kept.recent_files():
            action = menu.addAction(caption(path.name))
            action.setToolTip(hint(str(path)))
            action.triggered.connect(lambda _=False, one=path: self.open(one))
        if menu.isEmpty():
            menu.addAction(self.tr("None yet.")).setEnabled(False)

    def ask_and_open(self) -> None:
        """Let the user choose a file to open."""
        words = self.tr("Workflows")
        chosen, _ = QFileDialog.getOpenFileName(
            self.window, self.tr("Open a workflow"), str(self._start_folder()), f"{words} (*.json)"
        )
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> WorkflowPage | None:
        """Open a workflow file, or show it if it is open already; None if it cannot be read."""
        for window in self.window.windows:
            for page in window.pages:
                if page.document.path is not None and page.document.path.resolve() == path.resolve():
                    # opened twice, each would be saved over the other
                    window.show_page(page)
                    window.raise_()
                    window.activateWindow()
                    return page
        page = self._empty_page() or self.window.add_page()
        try:
            page.document.load(path)
        except (NodeflowError, OSError) as error:
            self.window.remove_page(page)
            self.window.tell(self.tr("{file} cannot be opened: {error}").format(file=path.name, error=error))
            return None
        self.window.kept.file_used(path.resolve())
        self.window.show_page(page)
        page.canvas.zoom_to_fit()
        return page

    def open_example(self, path: Path) -> None:
        """Open an example, and say that it is one."""
        page = self.open(path)
        if page is not None:
            page.notice.tell(
                self.tr("This is an example. Change what you like; save it under a name of your own.")
            )

    def take_files(self, paths: list[Path], place: QPoint | None = None) -> None:
        """Files were dropped at a place of the screen: workflows are opened, data files get their reader, set."""
        data = []
        for path in paths:
            if is_workflow(path):
                self.open(path)
            else:
                data.append(path)
        if not data:
            return
        page = self.window.page or self.new()
        at = page.canvas.place_at(place) if place is not None else None
        for path in data:
            found = reader_for(self.window.registry, path, page.document.folder)
            if found is None:
                self.window.tell(self.tr("No node reads {file}.").format(file=path.name))
                continue
            page.canvas.select_nodes([])
            type_id, parameters = found
            added = page.add_node(type_id, parameters, at)
            outputs = page.document.declaration_of(added)["outputs"]
            page.look_at(added, outputs[0]["name"])

    def _empty_page(self) -> WorkflowPage | None:
        """The page shown, if nothing has been done in it."""
        page = self.window.page
        if page is None or page.document.path is not None or page.is_modified or page.document.workflow.nodes:
            return None
        return page

    def _start_folder(self) -> Path:
        recent = [Path(name) for name in self.window.kept.kept.recent_files]
        own = (path.parent for path in recent if not is_example(path))
        return next((folder for folder in own if folder.is_dir()), Path.home())

    # -- saving -------------------------------------------------------------------------------

    def save(self, page: WorkflowPage) -> bool:
        """Save; asks for a file the first time, and for an example. Gives whether it is saved."""
        if page.document.path is None or is_example(page.document.path):
            return self.save_as(page)
        return self._save(page, page.document.path)

    def save_as(self, page: WorkflowPage) -> bool:
        """Save under another name."""
        start = page.document.path
        if start is None or is_example(start):
            start = self._start_folder() / (start.name if start else f"{_file_name(page.title)}.json")
        words = self.tr("Workflows")
        chosen, _ = QFileDialog.getSaveFileName(
            self.window, self.tr("Save the workflow"), str(start), f"{words} (*.json)"
        )
        if not chosen:
            return False
        path = Path(chosen)
        if not path.suffix:
            # the dialog has asked for the name without an ending only
            path = path.with_name(f"{path.name}.json")
            words = self.tr("“{file}” is there already. Replace it?").format(file=path.name)
            if path.exists() and not agrees(self.window, words, self.tr("Replace it")):
                return False
        return self._save(page, path)

    def _save(self, page: WorkflowPage, path: Path) -> bool:
        page.flush()
        before, stack = page.document.path, page.document.undo_stack
        is_same = before is not None and before.resolve() == path.resolve()
        if is_same and path.exists() and page.document.is_changed_on_disk():
            words = self.tr("“{file}” was changed by another program. Replace what it wrote?")
            if not agrees(self.window, words.format(file=path.name), self.tr("Replace it")):
                return False
        copied: list[Path] = []
        step = stack.index()
        try:
            if before is not None and is_example(before) and not is_example(path):
                copied = copy_data(page.document.workflow, before.resolve().parent, path.resolve().parent)
            elif before is None or before.resolve().parent != path.resolve().parent:
                page.document.keep_paths(path.resolve().parent)
            page.document.save(path)
        except (NodeflowError, OSError) as error:
            while stack.index() > step:
                stack.undo()  # paths from a folder where it does not lie would lead nowhere
            self.window.tell(self.tr("The workflow cannot be saved: {error}").format(error=error))
            return False
        if copied:
            names = ", ".join(one.relative_to(path.resolve().parent).as_posix() for one in copied)
            self.window.tell(
                self.tr("The data of the example lie beside it now: {files}").format(files=names)
            )
        self.window.kept.file_used(path.resolve())
        self.window.follow_pages()
        return True

    def may_close(self, page: WorkflowPage) -> bool:
        """Whether a page may go: asks what to do with what is not saved."""
        page.flush()
        if not page.is_modified:
            return True
        self.window.show_page(page)
        box = question(self.window, self.tr("Save the changes to “{name}”?").format(name=page.title))
        save = box.addButton(self.tr("Save"), QMessageBox.ButtonRole.AcceptRole)
        leave = box.addButton(self.tr("Do not save"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(save)
        box.exec()
        clicked = box.clickedButton()
        box.deleteLater()
        if clicked is save:
            return self.save(page)
        return clicked is leave

    # -- exporting ----------------------------------------------------------------------------

    def export_picture(self, page: WorkflowPage) -> None:
        """Write the workflow as a picture: SVG, or PNG at twice the size."""
        start = (page.document.path or self._start_folder() / _file_name(page.title)).with_suffix(".svg")
        chosen, _ = QFileDialog.getSaveFileName(
            self.window, self.tr("Export as picture"), str(start), "SVG (*.svg);;PNG (*.png)"
        )
        if chosen:
            self.write_picture(page, Path(chosen))

    def write_picture(self, page: WorkflowPage, path: Path) -> None:
        """Write the picture to a file; the ending says the form."""
        from nodeflow.export.svg import to_svg
        from nodeflow_gui.window.pictures import svg_to_png

        svg = to_svg(page.document.workflow)
        try:
            if path.suffix.casefold() == ".png":
                with atomic_path(path) as temporary:
                    svg_to_png(svg, temporary)
            else:
                with atomic_write(path, "wb") as file:
                    file.write(svg.encode())
        except (NodeflowError, OSError) as error:
            self.window.tell(self.tr("The picture cannot be written: {error}").format(error=error))
            return
        self.window.tell(self.tr("Wrote {file}.").format(file=path))

    def export_python(self, page: WorkflowPage) -> None:
        """Write the workflow as a Python script."""
        start = (page.document.path or self._start_folder() / _file_name(page.title)).with_suffix(".py")
        chosen, _ = QFileDialog.getSaveFileName(
            self.window, self.tr("Export as Python script"), str(start), "Python (*.py)"
        )
        if chosen:
            self.write_python(page, Path(chosen))

    def write_python(self, page: WorkflowPage, path: Path) -> None:
        """Write the script once another process has made it."""
        from nodeflow_gui.window.scripting import request_script

        def answered(text: str, left_out: list[str], fault: str) -> None:
            if not fault:
                try:
                    with atomic_write(path, "w") as file:
                        file.write(text)
                except (NodeflowError, OSError) as error:
                    fault = str(error)
            if fault:
                self.window.tell(self.tr("The script cannot be written: {error}").format(error=fault))
                return
            words = self.tr("Wrote {file}.").format(file=path)
            if left_out:
                count = self.tr(
                    "%n node(s) without a plain Python form are left out; the script names them.",
                    "",
                    len(left_out),
                )
                words = f"{words} {count}"
            self.window.tell(words)

        page.flush()
        nodes_path = self.window.kept.nodes_path
        request_script(page.document.to_text(), page.document.folder, nodes_path, self, answered)

    # -- after a crash ------------------------------------------------------------------------

    def offer_left_over(self) -> None:
        """Offer the workflows that a crashed session had not saved."""
        from nodeflow_gui.document.recovery import left_over

        found = left_over()
        if not found:
            return
        names = ", ".join(f"“{one.name or self.tr('New workflow')}”" for one in found)

        def recover() -> None:
            for one in found:
                page = self.window.add_page()
                page.document.recover(one.workflow, one.path, one.changed_at)
                if page.document.journal.is_kept():  # on a full disk the old file is all there is
                    one.discard()
                self.window.show_page(page)
                page.canvas.zoom_to_fit()

        def discard() -> None:
            for one in found:
                one.discard()

        self.window.tell(
            self.tr("nodeflow ended unexpectedly. Unsaved work is there: {names}.").format(names=names),
            [(self.tr("Recover it"), recover), (self.tr("Discard it"), discard)],
        )


def _file_name(title: str) -> str:
    return (
        "".join(one if one.isalnum() or one in "-_" else "_" for one in title.casefold()).strip("_")
        or "workflow"
    )
