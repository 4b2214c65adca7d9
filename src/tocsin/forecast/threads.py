"""The numerical libraries held to one thread, while a model learns or is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """Hold the numerical libraries to one thread for a while: several add up in an order of their own."""
    # A limit binds only what is loaded when it is set.
    import sklearn.ensemble  # noqa: F401

    with threadpool_limits(1):
        yield
