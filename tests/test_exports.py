"""What a room exports: sorted, there, and documented."""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
import pkgutil
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

import tocsin


def _rooms() -> list[str]:
    found = [module.name for module in pkgutil.iter_modules(tocsin.__path__) if module.name != "__main__"]
    return ["tocsin", *(f"tocsin.{name}" for name in found)]


def _packages() -> list[str]:
    return [name for name in _rooms() if hasattr(importlib.import_module(name), "__path__")]


def _functions(name: str) -> list[tuple[str, FunctionType]]:
    module = importlib.import_module(name)
    exported = ((export, getattr(module, export)) for export in module.__all__)
    return [(export, value) for export, value in exported if inspect.isfunction(value)]


def _order(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


@pytest.mark.parametrize("name", _packages())
def test_exports_are_sorted_and_there(name: str) -> None:
    module = importlib.import_module(name)
    listed = list(module.__all__)
    assert listed == sorted(set(listed), key=_order)
    assert all(hasattr(module, export) for export in listed)


@pytest.mark.parametrize("name", _packages())
def test_what_a_room_exports_is_documented(name: str) -> None:
    module = importlib.import_module(name)
    for export in module.__all__:
        value = getattr(module, export)
        if inspect.isclass(value) or inspect.isfunction(value) or isinstance(value, ModuleType):
            assert (value.__doc__ or "").strip(), f"{name}.{export}"


@pytest.mark.parametrize("name", _packages())
def test_public_functions_have_docstrings_that_are_sentences(name: str) -> None:
    for export, function in _functions(name):
        first = inspect.getdoc(function).split("\n\n")[0]  # type: ignore[union-attr]
        assert first.rstrip().endswith((".", ":", ")")), f"{name}.{export}: {first!r}"


@pytest.mark.parametrize("name", _packages())
def test_what_takes_a_path_takes_its_text_too(name: str) -> None:
    for export, function in _functions(name):
        taken = {key: str(kind) for key, kind in inspect.get_annotations(function).items()}
        del taken["return"]
        assert [key for key, kind in taken.items() if "Path" in kind and "str" not in kind] == [], export


def test_every_module_can_be_imported_and_says_what_it_is() -> None:
    for module in pkgutil.walk_packages(tocsin.__path__, "tocsin."):
        if not module.name.endswith("__main__"):
            assert importlib.import_module(module.name).__doc__, module.name


def test_the_version_is_that_of_the_package() -> None:
    assert tocsin.__version__ == importlib.metadata.version("tocsin")


def test_the_package_is_typed() -> None:
    assert (Path(tocsin.__file__).parent / "py.typed").is_file()
