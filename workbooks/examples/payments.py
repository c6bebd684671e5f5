"""A table of payments in the layout of 惠民惠农“一卡通”, made of lines that a document's module gives by hand.

A line: (row of the ledger, 事项, paid, what it is there for, {other cells}). The row is None for somebody who is in no
ledger; 'other cells' then tell who.
"""

from .facts import households_of
from .people import age_on, check_digit
from .sheets import FIRST_DATA_ROW, Column

PAYMENT_COLUMNS = [
    Column("序号", 6, "count"),
    Column("支付状态", 10, "text"),
    Column("户主姓名", 10, "text"),
    Column("户主身份证号", 22, "id"),
    Column("收款人姓名", 10, "text"),
    Column("收款人身份证号", 22, "id"),
    Column("银行账号", 23, "id"),
    Column("开户银行", 28, "text"),
    Column("村(居)委会", 11, "text"),
    Column("村(居)民小组", 11, "text"),
    Column("享受人", 10, "text"),
    Column("享受人身份证号", 22, "id"),
    Column("联系电话", 10, "id"),
    Column("现居住地", 18, "text"),
    Column("年龄", 6, "count"),
    Column("补贴标准", 10, "money"),
    Column("补贴金额", 12, "money"),
    Column("填报日期", 12, "date"),
    Column("与户主关系", 10, "text"),
    Column("备注", 24, "note"),
    Column("事项", 16, "text"),
    Column("停发原因", 27, "note"),
    Column("原金额", 12, "money"),
]


def stranger(name, first_17, village, account):
    """The cells of somebody who is in no ledger."""
    number = first_17 + check_digit(first_17)
    return {
        **dict.fromkeys(("户主姓名", "收款人姓名", "享受人"), name),
        **dict.fromkeys(("户主身份证号", "收款人身份证号", "享受人身份证号"), number),
        "银行账号": account,
        "开户银行": "（示例）农村商业银行",
        "村(居)委会": village,
        "村(居)民小组": "一组",
        "现居住地": f"{village}一组",
        "与户主关系": "户主",
    }


def payment_rows(example, rows):
    """The lines of the document's table of payments; numbers without the figures of a disability card."""
    heads = {household[0]["户编号"]: household[0] for household in households_of(rows)}
    found = []
    for number, (row, measure, paid, _, other) in enumerate(example.payments, start=1):
        line = {"序号": number, "支付状态": "支付成功", "填报日期": example.paid_on, "事项": measure, "补贴金额": paid}
        if row is not None:
            person = rows[row - FIRST_DATA_ROW]
            head = heads[person["户编号"]]
            payee = person if person.get("银行账号") else head
            line.update({
                "户主姓名": head["姓名"],
                "户主身份证号": head["证件号码"][:18],
                "收款人姓名": payee["姓名"],
                "收款人身份证号": payee["证件号码"][:18],
                "银行账号": payee["银行账号"],
                "开户银行": payee["开户银行"],
                "村(居)委会": person["行政村"],
                "村(居)民小组": person["村民小组"],
                "享受人": person["姓名"],
                "享受人身份证号": person["证件号码"][:18],
                "现居住地": f"{person['行政村']}{person['村民小组']}",
                "与户主关系": person["与户主关系"],
            })  # fmt: skip
        line.update(other)
        line["年龄"] = age_on(line["享受人身份证号"], example.paid_on)
        found.append(line)
    return found
