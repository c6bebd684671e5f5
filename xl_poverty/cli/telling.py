"""What several commands read from their options and say in the same way."""
from __future__ import annotations

import sys
from collections.abc import Iterable

#: of a kind that are told one by one; the workbook has them all
MOST_TOLD = 10


def answers(options) -> dict[str, str]:
    """Key of a question -> the choice, as they were given. Raises LedgerError."""
    from ..errors import LedgerError

    found = {}
    for text in options.answers:
        key, sign, choice = text.rpartition("=")
        if not sign or not key.strip() or not choice.strip():
            raise LedgerError(f"--answer 应写成 问题=选项，如 --answer 空白按0：低保金=是，不是“{text}”")
        found[key.strip()] = choice.strip()
    return found


class Progress:
    """What is being done, on one line of a terminal; nothing where nobody watches."""

    def __init__(self, doing: str):
        self.doing, self.watched = doing, sys.stderr.isatty()

    def __call__(self, done: int, total: int, label: str):
        if self.watched:
            print(f"\r{self.doing} {min(done + 1, total)}/{total} {label}\033[K", end="", file=sys.stderr, flush=True)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_):
        if self.watched:
            print("\r\033[K", end="", file=sys.stderr)


def remarks(texts: Iterable[str]):
    for text in texts:
        print(f"注意：{text}")


def listed(texts: list[str], what: str):
    """The first of many, and how many more there are."""
    for text in texts[:MOST_TOLD]:
        print(f"  {text}")
    if len(texts) > MOST_TOLD:
        print(f"  另有 {len(texts) - MOST_TOLD} {what}")


def written(made, original: str = "原台账未改动") -> int:
    """What became of a generated workbook (`Regenerated`)."""
    from ..workbook.regenerating import EDITS

    kept = len(made.edits) - len(made.conflicts)
    if kept:
        print(f"手工改过的 {kept} 格照旧保留，列在工作表“{EDITS}”")
    if made.conflicts:
        print(f"有 {len(made.conflicts)} 处手工改动与新的数据不一致，照您填的保留，请核对：")
        listed([f"{one.sheet} {one.place}：现在填的“{one.typed}”，按数据应是“{one.generated}”。{one.why}"
                for one in made.conflicts], "处，见工作表“手工改动”")  # fmt: skip
    if made.left:
        print(f"注意：这次没有对应的数据、原样保留的工作表：{'、'.join(made.left)}")
    if made.remark:
        print(f"注意：{made.remark}")
    if made.backup:
        print(f"原来的 {made.target.name} 备份在 {made.backup.name}")
    if not made.created and not made.changed:
        print(f"没有变化：{made.target}")
    else:
        print(f"已写入：{made.target}（{original}）")
    return 0
