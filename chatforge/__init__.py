"""ChatForge: make a base chat model your own, and prove whether that helped."""

__version__ = "0.1.0"
