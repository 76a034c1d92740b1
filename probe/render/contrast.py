"""Contrast of two colours as WCAG 2 defines it."""

import numpy as np


def rgb_of(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue in 0..255 of ``#rrggbb``."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` in [0, 1] (WCAG 2.2, "relative luminance")."""
    share = np.array(rgb_of(colour), np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two ``#rrggbb`` colours, in [1, 21] (WCAG 2.2, "contrast ratio")."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
