"""The main window: menus, pages, welcome, search, problems, preferences."""
