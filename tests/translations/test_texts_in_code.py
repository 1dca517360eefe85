"""Texts in the code are where those who collect them for translation find them."""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "alerts", "catalog", "potato", "prices", "shops")
MARKS = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext"}


@pytest.mark.parametrize("app", APPS)
def test_no_text_is_marked_inside_an_f_string_where_xgettext_does_not_look(app: str):
    hidden = [
        f"{path.relative_to(PROJECT)}:{call.lineno}"
        for path in sorted((PROJECT / app).rglob("*.py"))
        for text in ast.walk(ast.parse(path.read_text()))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in MARKS
    ]

    assert hidden == []
