"""The languages of the editor: the sources are English, other languages come from Qt's translation files.

`python -m nodeflow_gui.translations.update` brings the files up to date with the sources.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

LANGUAGES = {"en": "English", "de": "Deutsch"}
"""The code of each language with its own name for itself."""

CONTEXT = "nodeflow"
"""The one context of all texts in the translation files."""

FOLDER = Path(__file__).parent


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Mark a text for Qt's tool that collects them; it is translated where it is shown."""
    return text


class Translator(QTranslator):
    """Looks up a text whatever class it stands in, so that each text is translated once."""

    def translate(
        self, context: str, source: str | bytes, disambiguation: str | bytes | None = None, n: int = -1
    ) -> str:
        text = source.decode() if isinstance(source, bytes) else source
        # an empty text would not mean "not known" to Qt, but be shown
        return super().translate(CONTEXT, text, None, n) or text


def install(application: QCoreApplication, language: str = "") -> Translator | None:
    """Let the application speak a language, by default the system's, else English."""
    wanted = language or QLocale.system().name().partition("_")[0]
    code = wanted if wanted in LANGUAGES else "en"
    QLocale.setDefault(QLocale(code))
    for before in application.findChildren(QTranslator):
        application.removeTranslator(before)
        before.deleteLater()
    translator = Translator(application)
    if not translator.load(str(FOLDER / f"{code}.qm")):
        return None
    application.installTranslator(translator)
    # the texts of Qt's own dialogs; asked first, since ours has an answer to everything
    own = QTranslator(application)
    if own.load(f"qtbase_{code}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(own)
    return translator
