"""Invented people, with identity numbers of areas that there are not, and an invented document."""

from __future__ import annotations

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def completed(first17: str) -> str:
    """An identity number with its check digit (GB 11643: the weighted sum of the 17 digits, modulo 11)."""
    return first17 + "10X98765432"[sum(int(d) * w for d, w in zip(first17, WEIGHTS)) % 11]


#: a document that changes a number in its time
TWO_VERSIONS = """
id = "two_versions"
short_name = "两版"
number = "试发〔2022〕1号"
title = "一份改过一次标准的文件"
issued = 2022-01-01
[in_force]
from = 2022-01-01
until = 2025-12-31
[clauses.1]
title = "包销"
use = "计算"
text = "包销不少于1万元；从2024年起不少于2万元。"
[indicators."包销市级"]
clause = "1"
quote = "包销不少于1万元；从2024年起不少于2万元。"
unit = "元"
values = [{ from = 2022-01-01, low = 10000 }, { from = 2024-01-01, low = 20000 }]
"""
