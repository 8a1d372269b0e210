"""The editor's window: how soon it is there, and how soon a key press has its results."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from typing import Any

from measure import python, row

_SHOWN = """
from nodeflow_gui.preferences import preferences
preferences().kept.language = "{language}"
from nodeflow_gui.application import start
application = start()
from nodeflow_gui.window.main_window import MainWindow
window = MainWindow()
window.show()
application.processEvents()
"""


_LANGUAGES = {"en": "", "de": " in German"}


def rows(quick: bool) -> list[dict[str, Any]]:
    """The window from a cold process, and each letter of some searches."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NODEFLOW_CONFIG_DIR"] = folder
        found = []
        for language, words in _LANGUAGES.items():
            script = f"{_SHOWN.format(language=language)}import os; os._exit(0)"
            shown = python(script, repeat=3 if quick else 10)[0]
            found.append(row(f"editor: window shown{words}, whole process", shown, "s", 1.0))
        imported = python("import PySide6.QtWidgets", repeat=3)[0]
        found.append(row("  for scale: import PySide6.QtWidgets", imported, "s"))
        for language, words in _LANGUAGES.items():
            times = _key_presses(language)
            median = statistics.median(times)
            found.append(row(f"palette: key press to results{words}, median", median, "s", 0.030))
            found.append(row(f"palette: key press to results{words}, slowest", max(times), "s", 0.060))
    return found


def _key_presses(language: str) -> list[float]:
    from nodeflow_gui import translations
    from nodeflow_gui.application import start

    application = start()
    translations.install(application, language)
    from nodeflow_gui.palette import Palette
    from nodeflow_gui.translations.nodes import spoken

    from nodeflow.registry import Registry

    palette = Palette(spoken(Registry.installed()))
    palette.resize(240, 800)
    palette.show()
    end = time.perf_counter() + 1.5  # the index is made once the palette is there
    while time.perf_counter() < end:
        application.processEvents()
    times = []
    for words in ("row filter", "random forest", "group", "zeilenfilter", "zzz"):
        for count in range(1, len(words) + 1):
            started = time.perf_counter()
            palette.search.setText(words[:count])
            application.processEvents()
            times.append(time.perf_counter() - started)
    palette.close()
    return times
