"""Tocsin: calibrated early warning of deadly violence, with a record that can be checked."""

__version__ = "0.1.0"

__all__ = ["__version__"]
