"""Reading ledgers, and checking them, beside python-calamine's bare read of the same files (its cells as lists of
lists, nothing else).

Two sets of invented ledgers are written into a temporary folder: one of 100,000 rows × 40 columns, as a county exports
it, and 500 of 200 rows, as villages send them. All sides are timed in turn, so that a drift of the machine meets them
alike; told are the medians, by the clock and in CPU time of all threads, and the medians of their ratios to calamine.

    pip install XlsxWriter
    python benchmarks/reading_ledgers.py [--rows 100000] [--villages 500] [--repeats 5] [--folder FOLDER]

With --folder the ledgers stay there, and are taken from there the next time.
"""
import argparse
import random
import statistics
import tempfile
import time
from pathlib import Path

import python_calamine
import xlsxwriter

from xl_poverty.ledger.checks import run
from xl_poverty.ledger.files import read_book
from xl_poverty.ledger.reading import in_processes, read_ledger, read_ledgers

HEADERS = (
    "序号", "省", "市", "县", "乡", "村", "户编号", "人口编号", "姓名", "证件号码", "性别", "出生日期", "与户主关系",
    "民族", "文化程度", "在校生状况", "健康状况", "劳动技能", "户类型", "监测对象类别", "风险是否已消除",
    "识别监测时间", "联系电话", "务工所在地", "务工时间（月）", "务工企业名称", "月工资",
    "工资性收入", "生产经营性收入", "财产性收入", "转移性收入", "生产经营性支出", "年收入（元）", "纯收入（元）",
    "人均纯收入（元）", "年度家庭人口数", "低保金", "养老保险金", "银行卡号", "备注",
)  # fmt: skip
RELATIONS = ("户主", "配偶", "之子", "之女", "之父", "之母")
FAMILY_NAMES, GIVEN_NAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "伟芳娜秀英敏静丽强磊军洋勇艳杰涛明超霞平"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
HEADER_ROW = 2


# ---- what is measured


def bare_calamine(path: Path):
    return python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def book(path: Path):
    return read_book(path)


def book_and_columns(path: Path):
    """With the different cells of every column, from which a Ledger starts."""
    sheet = read_book(path).sheets[0]
    return [sheet.column(column) for column in range(sheet.width)]


def ledger(path: Path):
    """Tables and columns found; cells are cleaned when they are asked for."""
    return read_ledger(path)


def ledger_and_checks(path: Path):
    """Every column cleaned, persons and households joined, all checks run."""
    found = read_ledger(path)
    return found, run(found)


def ledgers(folder: Path):
    """Of a folder, on all cores."""
    return list(read_ledgers(sorted(folder.iterdir())))


def checked_count(path: Path) -> int:
    return sum(len(finding.rows) for finding in ledger_and_checks(path)[1])


def ledgers_and_checks(folder: Path):
    return list(in_processes(checked_count, sorted(folder.iterdir())))


def one_by_one(read):
    """The same for a folder of files."""
    return lambda folder: [read(path) for path in sorted(folder.iterdir())]


#: label -> function of the path; every other one is compared with the first
ONE_LEDGER = {
    "calamine, bare": bare_calamine,
    "read_book": book,
    "read_book and all columns": book_and_columns,
    "read_ledger": ledger,
    "read_ledger with all checks": ledger_and_checks,
}
#: label -> function of the folder
VILLAGES = {
    "calamine, bare, in a loop": one_by_one(bare_calamine),
    "read_book in a loop": one_by_one(book),
    "read_book and all columns in a loop": one_by_one(book_and_columns),
    "read_ledgers on all cores": ledgers,
    "with all checks on all cores": ledgers_and_checks,
}


def measure(title: str, sides: dict, path: Path, repeats: int):
    clock: dict[str, list[float]] = {label: [] for label in sides}
    busy: dict[str, list[float]] = {label: [] for label in sides}
    for _ in range(repeats):
        for label, side in sides.items():
            started, busy_before = time.perf_counter(), time.process_time()
            result = side(path)
            clock[label].append(time.perf_counter() - started)
            busy[label].append(time.process_time() - busy_before)
            del result
    print(f"\n{title}")
    print(f"{'':40}{'seconds':>9}{'ratio':>8}{'CPU s':>9}{'ratio':>8}")
    first = next(iter(sides))
    for label in sides:
        line = f"{label:40}"
        for times in (clock, busy):
            ratio = statistics.median(own / other for own, other in zip(times[label], times[first]))
            line += f"{statistics.median(times[label]):9.2f}{ratio:8.2f}"
        print(line)


# ---- invented ledgers


def id_number(chance: random.Random, number: int) -> str:
    """Of a place that does not exist."""
    day = f"{chance.randint(1935, 2015)}{chance.randint(1, 12):02}{chance.randint(1, 28):02}"
    digits = f"990000{day}{number % 1000:03}"
    return digits + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS)) % 11]


def household(chance: random.Random, number: int, first: int, most: int) -> list[list]:
    """The rows of a household: texts as the national system exports them, incomes as numbers; None where blank."""
    size = min(chance.randint(1, 6), most)
    wages, business, transfers, costs = (chance.randint(0, most) for most in (40000, 9000, 6000, 3000))
    income = [wages, business, chance.choice((0, 0, 500, 1200)), transfers]
    net = sum(income) - costs
    monitored = number % 7 == 0
    rows = []
    for place in range(size):
        key, works = id_number(chance, first + place), chance.random() < 0.5
        name = chance.choice(FAMILY_NAMES) + chance.choice(GIVEN_NAMES) + chance.choice(GIVEN_NAMES)
        rows.append([
            first + place + 1, "某省", "某市", "某县", f"某乡{number % 20}", f"某村{number % 300}", f"99{number:08}",
            f"9901{first + place:010}", name, key, "男" if int(key[16]) % 2 else "女", key[6:14], RELATIONS[place],
            "汉族", "初中", None, "健康", "普通劳动力" if works else "无劳动力",
            "脱贫户" if number % 3 else "一般脱贫户",
            *(("脱贫不稳定户", "否", "202210") if monitored else (None, None, None)),
            f"139{chance.randint(0, 99999999):08}",
            *(("江苏省苏州市昆山市", str(chance.randint(1, 12)), f"某企业{chance.randint(1, 3000)}",
               str(chance.randint(1500, 6000))) if works else (None,) * 4),
            *income, costs, sum(income), net, round(net / size, 2), size, chance.choice((0, 0, 3000)),
            chance.choice((0, 1500)), f"6217{chance.randint(0, 10**15 - 1):015}", None,
        ])  # fmt: skip
    return rows


def write_ledger(path: Path, rows: int, seed: int, headers=HEADERS, changed=lambda row: row):
    """`changed` makes other columns, those of `headers`, of a row."""
    chance = random.Random(seed)
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("脱贫户信息")
    sheet.write_string(0, 0, "脱贫户信息")
    sheet.write_row(HEADER_ROW, 0, headers)
    written = households = 0
    while written < rows:
        households += 1
        for row in household(chance, households, written, rows - written):
            written += 1
            for column, value in enumerate(changed(row)):
                if isinstance(value, str):
                    sheet.write_string(HEADER_ROW + written, column, value)
                elif value is not None:
                    sheet.write_number(HEADER_ROW + written, column, value)
    book.close()


def main():
    parser = argparse.ArgumentParser()
    for name, default in (("rows", 100_000), ("villages", 500), ("repeats", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--folder", type=Path)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = wanted.folder or Path(temporary)
        large, villages = folder / f"{wanted.rows}.xlsx", folder / f"villages{wanted.villages}"
        villages.mkdir(parents=True, exist_ok=True)
        if not large.exists():
            write_ledger(large, wanted.rows, seed=0)
        for number in range(len(list(villages.iterdir())), wanted.villages):
            write_ledger(villages / f"{number:04}.xlsx", 200, seed=number + 1)
        for side in ONE_LEDGER.values():  # what is imported when it is first needed
            side(next(villages.iterdir()))
        measure(f"{wanted.rows:,} rows × {len(HEADERS)} columns", ONE_LEDGER, large, wanted.repeats)
        measure(f"{wanted.villages} files of 200 rows × {len(HEADERS)} columns", VILLAGES, villages, wanted.repeats)


if __name__ == "__main__":
    main()
