"""The drawings of the icons: strokes on a field of 24 by 24, as short path texts.

`M x y` goes to a point, `L x y` draws a line, `C` a curve by two control points, `Z` closes, `O x y r` is a
circle, `R x y w h r` a rectangle with round corners, `A x y r from sweep` an arc with angles in degrees.
"""

from __future__ import annotations

ACTIONS = {
    "new": "M6 3 L14 3 L19 8 L19 21 L6 21 Z M14 3 L14 8 L19 8 M12.5 12 L12.5 18 M9.5 15 L15.5 15",
    "open": "M3 19 L3 6 L9 6 L11 8 L19 8 L19 11 M3 19 L6 11 L22 11 L19 19 Z",
    "save": "M4 4 L16 4 L20 8 L20 20 L4 20 Z M8 4 L8 9 L15 9 L15 4 M7 20 L7 14 L17 14 L17 20",
    "run": "M8 5 L19 12 L8 19 Z",
    "run to": "M5 6 L13 12 L5 18 Z M18 5 L18 19",
    "stop": "R 6 6 12 12 2",
    "reset": "A 12 12 7.5 40 290 M18.5 3.5 L18 8 L13.5 7.5",
    "undo": "M8 5 L4 9 L8 13 M4 9 L14 9 C18 9 20 11.5 20 14.5 C20 17.5 18 19.5 14.5 19.5 L10 19.5",
    "redo": "M16 5 L20 9 L16 13 M20 9 L10 9 C6 9 4 11.5 4 14.5 C4 17.5 6 19.5 9.5 19.5 L14 19.5",
    "search": "O 10.5 10.5 6 M15 15 L20.5 20.5",
    "add": "M12 5 L12 19 M5 12 L19 12",
    "remove": "M5 12 L19 12",
    "close": "M6 6 L18 18 M18 6 L6 18",
    "delete": "M4 7 L20 7 M9 7 L9 4 L15 4 L15 7 M6 7 L7 20 L17 20 L18 7 M10 11 L10 16 M14 11 L14 16",
    "up": "M6 14 L12 8 L18 14",
    "down": "M6 10 L12 16 L18 10",
    "left": "M14 6 L8 12 L14 18",
    "right": "M10 6 L16 12 L10 18",
    "star": "M12 3.5 L14.6 9 L20.5 9.7 L16.1 13.8 L17.3 19.7 L12 16.8 L6.7 19.7 L7.9 13.8 L3.5 9.7 L9.4 9 Z",
    "recent": "O 12 12 8.5 M12 7 L12 12 L15.5 14",
    "suggest": "M9 18 L15 18 M10 21 L14 21 M9 18 C9 15 6 13.5 6 9.5 C6 6 8.8 3.5 12 3.5 "
    "C15.2 3.5 18 6 18 9.5 C18 13.5 15 15 15 18",
    "settings": "M4 7 L13 7 M17 7 L20 7 O 15 7 2 M4 12 L7 12 M11 12 L20 12 O 9 12 2 "
    "M4 17 L13 17 M17 17 L20 17 O 15 17 2",
    "help": "O 12 12 8.5 M9.5 9.5 C9.5 6.5 14.5 6.5 14.5 9.5 C14.5 11.5 12 11.5 12 13.8 M12 16.6 L12 16.9",
    "info": "O 12 12 8.5 M12 11 L12 16.5 M12 7.5 L12 7.8",
    "warning": "M12 4 L21 19.5 L3 19.5 Z M12 10 L12 14.5 M12 16.9 L12 17.2",
    "error": "O 12 12 8.5 M12 7 L12 13 M12 16.2 L12 16.5",
    "done": "M5 12.5 L10 17.5 L19 7",
    "panel left": "R 3 5 18 14 2 M9 5 L9 19",
    "panel right": "R 3 5 18 14 2 M15 5 L15 19",
    "panel bottom": "R 3 5 18 14 2 M3 14 L21 14",
    "layout": "R 3 4 6 5 1 R 15 4 6 5 1 R 15 15 6 5 1 M9 6.5 L15 6.5 M12 6.5 L12 17.5 L15 17.5",
    "fit": "M4 9 L4 4 L9 4 M15 4 L20 4 L20 9 M20 15 L20 20 L15 20 M9 20 L4 20 L4 15",
    "folder": "M3 19 L3 6 L9 6 L11 8 L21 8 L21 19 Z",
    "calendar": "R 4 5 16 15 2 M4 10 L20 10 M8.5 3 L8.5 7 M15.5 3 L15.5 7",
    "file": "M6 3 L14 3 L19 8 L19 21 L6 21 Z M14 3 L14 8 L19 8",
    "variable": "M8 4 C5 7 5 17 8 20 M16 4 C19 7 19 17 16 20 M10 9.5 L14 14.5 M14 9.5 L10 14.5",
    "copy": "R 8 8 12 12 2 M16 8 L16 4 L4 4 L4 16 L8 16",
    "command": "M5 7 L10 12 L5 17 M12 17 L19 17",
    "column": "R 4 4 16 16 2 M9.5 4 L9.5 20 M14.5 4 L14.5 20",
    "colour": "M12 3.5 C15 8 18 11 18 14.5 C18 18 15.5 20.5 12 20.5 C8.5 20.5 6 18 6 14.5 C6 11 9 8 12 3.5 Z",
    "trust": "M12 3 L19.5 6 C19.5 13 17 18 12 21 C7 18 4.5 13 4.5 6 Z M8.5 12 L11 14.5 L15.5 9.5",
    "picture": "R 3 5 18 14 2 O 8.5 10 1.6 M3.5 17 L9 13 L13 16 L17 11 L20.5 14.5",
    "apart": "M11 5 L5 5 L5 19 L19 19 L19 13 M14 4 L20 4 L20 10 M20 4 L11 13",
    "drop": "M12 3 L12 14 M7.5 10 L12 14.5 L16.5 10 M4 15 L4 20 L20 20 L20 15",
    "more": "O 6 12 1 O 12 12 1 O 18 12 1",
}

GROUPS = {
    "input": "M12 4 L12 14 M8 10.5 L12 14.5 L16 10.5 M5 15 L5 20 L19 20 L19 15",
    "table": "R 4 5 16 14 2 M4 10 L20 10 M4 14.5 L20 14.5 M10 5 L10 19",
    "columns": "R 4 5 16 14 2 M9.3 5 L9.3 19 M14.6 5 L14.6 19",
    "rows": "R 4 5 16 14 2 M4 9.7 L20 9.7 M4 14.3 L20 14.3",
    "statistics": "M18 6 L18 5 L6 5 L12 12 L6 19 L18 19 L18 18",
    "views": "M4 20 L20 20 M7 20 L7 12 M12 20 L12 6 M17 20 L17 9",
    "mining": "O 12 5.5 2.2 O 6 18 2.2 O 18 18 2.2 M11 7.5 L7 16 M13 7.5 L17 16",
    "deep": "O 5.5 7 1.8 O 5.5 17 1.8 O 12 12 1.8 O 18.5 7 1.8 O 18.5 17 1.8 M7.2 8 L10.5 11 M7.2 16 L10.5 13 "
    "M13.5 11 L16.8 8 M13.5 13 L16.8 16",
    "text": "M5 6 L19 6 M5 10.5 L19 10.5 M5 15 L15 15 M5 19.5 L11 19.5",
    "networks": "O 6 7 2 O 18 6 2 O 16 18 2 M8 7 L16 6 M7.2 8.6 L14.6 16.6 M17.7 8 L16.3 16",
    "flow": "A 12 12 7 60 270 M19.5 4 L18.6 8.6 L14 7.8",
    "script": "M9 7 L4 12 L9 17 M15 7 L20 12 L15 17",
    "component": "R 4 4 7 7 1.5 R 13 4 7 7 1.5 R 4 13 7 7 1.5 R 13 13 7 7 1.5",
    "other": "O 12 12 6",
}

GROUP_OF_CATEGORY = (
    ("Input / Output", "input"),
    ("Manipulation / Row", "rows"),
    ("Manipulation / Column", "columns"),
    ("Manipulation", "table"),
    ("Statistics", "statistics"),
    ("Views", "views"),
    ("Mining", "mining"),
    ("Deep learning", "deep"),
    ("Text", "text"),
    ("Networks", "networks"),
    ("Flow", "flow"),
    ("Scripting", "script"),
    ("Component", "component"),
)
"""The icon by the first words of a category; the first that fits counts."""
