"""Invented people: identity numbers of areas that there are not."""

from __future__ import annotations

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def completed(first17: str) -> str:
    """An identity number with its check digit (GB 11643: the weighted sum of the 17 digits, modulo 11)."""
    return first17 + "10X98765432"[sum(int(d) * w for d, w in zip(first17, WEIGHTS)) % 11]
