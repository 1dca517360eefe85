"""Every module and every function is short enough to be read at once."""

import ast
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
LONGEST_MODULE, LONGEST_FUNCTION = 400, 50
"""Lines; a function's from ``def`` to its end."""


def modules() -> list[Path]:
    """Everything that is written by hand; migrations are not."""
    folders = [path for path in PROJECT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    found = [*PROJECT.glob("*.py"), *(path for folder in folders for path in folder.rglob("*.py"))]
    return sorted(path for path in found if "migrations" not in path.parts)


def too_long(text: str) -> Iterator[str]:
    """What of a module is too long, with its number of lines."""
    if (lines := len(text.splitlines())) > LONGEST_MODULE:
        yield f"has {lines} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            if (lines := node.end_lineno - node.lineno + 1) > LONGEST_FUNCTION:
                yield f"{node.name} has {lines} lines"


class TestSizes:
    def test_no_module_and_no_function_is_longer_than_can_be_read_at_once(self):
        found = [
            f"{path.relative_to(PROJECT)}: {what}"
            for path in modules()
            for what in too_long(path.read_text(encoding="utf-8"))
        ]

        assert found == []

    def test_a_module_or_a_method_that_is_a_line_too_long_is_found(self):
        method = "class A:\n    async def b(self):\n" + "        pass\n" * (LONGEST_FUNCTION - 1)
        module = "pass\n" * LONGEST_MODULE

        assert list(too_long(method)) == list(too_long(module)) == []
        assert list(too_long(method + "        pass\n")) == ["b has 51 lines"]
        assert list(too_long(module + "pass\n")) == ["has 401 lines"]

    def test_are_measured_everywhere(self):
        there = {path.relative_to(PROJECT).parts[0] for path in modules()}

        assert {
            "accounts",
            "alerts",
            "bench",
            "bin",
            "catalog",
            "potato",
            "prices",
            "shops",
            "tests",
        } <= there
