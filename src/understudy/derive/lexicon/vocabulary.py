"""The vocabulary of API documents as data: headers, labels, types, units, in Chinese and English.

Every term is folded as `labels.fold` does it: lower case, no spaces.
"""

from enum import Enum

from understudy.derive.facts.facts import Kind, Role


def _terms(text: str) -> tuple[str, ...]:
    """Split a text of terms at its spaces."""
    return tuple(text.split())


class Column(Enum):
    """The meaning of a table's column."""

    # Each member exists once, so its identity is a valid hash; Enum's own hash is slow.
    __hash__ = object.__hash__

    NAME = "name"
    TYPE = "type"
    REQUIRED = "required"
    EXAMPLE = "example"
    DESCRIPTION = "description"
    LOCATION = "location"
    DEFAULT = "default"


COLUMNS: dict[Column, tuple[str, ...]] = {
    Column.NAME: _terms(
        "参数 参数名 参数名称 字段 字段名 字段名称 属性 属性名 名称 变量 "
        "name field fieldname parameter param property key attribute"
    ),
    Column.TYPE: _terms("类型 参数类型 数据类型 字段类型 type datatype"),
    Column.REQUIRED: _terms(
        "必选 必填 必须 是否必选 是否必填 是否必须 required mandatory required?"
    ),
    Column.EXAMPLE: _terms("示例值 示例 样例 例 举例 example examples sample"),
    Column.DESCRIPTION: _terms(
        "描述 说明 含义 备注 参数说明 参数描述 字段说明 解释 "
        "description meaning notes note remarks remark comment"
    ),
    Column.LOCATION: _terms("位置 参数位置 传参位置 in location"),
    Column.DEFAULT: _terms("默认值 缺省值 默认 default defaultvalue"),
}
"""Header cells of each column. `可选` is missing from REQUIRED: it means the opposite."""

ROLES: dict[Role, tuple[str, ...]] = {
    Role.DESCRIPTION: _terms(
        "功能说明 功能 功能描述 接口说明 接口描述 接口功能 简要描述 接口简介 简介 "
        "description summary purpose"
    ),
    Role.CONSTRAINT: _terms(
        "接口约束 约束 约束条件 使用约束 权限 权限要求 所需权限 鉴权 "
        "constraints constraint permission permissions authorization"
    ),
    Role.ENDPOINT: _terms(
        "请求路径 路径 接口路径 接口地址 请求地址 请求url 接口url 接口 地址 "
        "url uri endpoint path route request requesturl requestpath httprequest"
    ),
    Role.METHOD: _terms(
        "请求方式 请求方法 方法 调用方式 http方法 接口方法 "
        "method httpmethod requestmethod verb httpverb"
    ),
    Role.MEDIA: _terms(
        "返回格式 响应格式 返回类型 响应类型 数据格式 媒体类型 "
        "content-type contenttype mediatype responseformat format produces"
    ),
    Role.REQUEST: _terms(
        "请求参数 参数 入参 输入参数 请求体 请求体参数 请求body 请求头 请求字段 请求数据 "
        "parameters requestparameters params requestbody arguments requestfields body headers "
        "requestheaders requestdata payload"
    ),
    Role.RESPONSE: _terms(
        "返回结果 返回结构 返回结果结构 返回数据 返回内容 返回信息 响应结构 响应数据 响应内容 "
        "响应字段 返回体 返回参数 返回值 返回 返回字段 响应 响应参数 响应结果 响应体 出参 "
        "输出参数 "
        "response responses returns result results responsebody responseparameters "
        "responsefields responsestructure responseformat returnvalue"
    ),
    Role.EXAMPLE: _terms("示例 样例 举例 示例代码 example examples sample samples"),
}
"""Labels and headings of each role, as whole texts."""

EXAMPLE_TERMS = _terms("示例代码 示例 样例 例子 举例 报文 examples example samples sample")
"""Endings (or beginnings) of a label that announces an example.

The rest of the label states which message the example shows.
"""

# Parts of a label that state which message an example shows. A label may have several parts:
# `错误返回示例` is an error.
ERROR_SIDE = _terms("错误 失败 异常 error failure")
REQUEST_SIDE = _terms("请求 调用 入参 输入 传参 request curl call")
RESPONSE_SIDE = _terms("返回 响应 出参 输出 应答 结果 成功 response success result answer")

COMMON_PREFIXES = _terms("统一 通用 公共 公用 共用 标准 全局 common shared standard general global")
"""Beginnings of a label whose table is valid for all operations: 统一返回结果."""

NOT_STRUCTURE_NAMES = _terms(
    "返回 响应 请求 结果 统一 通用 公共 目录 文档 组织 数据 参数 字段 说明 以下 该 所有 "
    "response request json this the path query body data result"
)
"""Texts before 结构 that do not name a structure: 返回结构 is the structure of a response."""

PLAIN_TEXT = ("纯文本", "文本", "text/plain", "plaintext", "plain text")
"""Parts of a sentence that describes a body as plain text."""

VALUE_TYPES: tuple[tuple[str, str], ...] = (
    *(("长整", "long"), ("整数", "integer"), ("整型", "integer")),
    *(("数字", "number"), ("浮点", "double"), ("布尔", "boolean")),
    *(("字符串", "string"), ("文本", "string"), ("数组", "array")),
    *(("列表", "array"), ("对象", "object")),
    *(("integer", "integer"), ("int", "integer"), ("long", "long"), ("number", "number")),
    *(("boolean", "boolean"), ("bool", "boolean"), ("string", "string")),
    *(("array", "array"), ("object", "object")),
)
"""Beginnings of a description that states a type, each with the name of the type in TYPES."""

NAMES_THAT_NEED_UNITS = _terms(
    "timeout duration interval elapsed delay latency ttl period lifetime cost memory mem disk "
    "storage bandwidth capacity bytes size length speed weight"
)
"""Last parts of the names of numbers that mean nothing without a unit: `waitTimeout`."""

UNIT_TERMS = _terms(
    "秒 分钟 小时 天 日 周 月 年 毫 微 字节 兆 千 个 条 位 百分 核 单位 元 "
    "second minute hour day week milli micro nano byte bit percent unit %"
)
"""Parts of a description that states a unit."""

UNIT_SIGNS = _terms("ms us ns s min h b kb mb gb tb kib mib gib tib k m g t kg km")
"""Symbols of units; each counts only as a word of its own."""

LOCATIONS: dict[str, tuple[str, ...]] = {
    "path": ("path", "路径", "url"),
    "query": ("query", "查询", "querystring"),
    "header": ("header", "headers", "请求头", "头部"),
    "body": ("body", "请求体", "json"),
}
"""Locations of parameters, each with the terms that state it in a label, heading or cell."""

YES = ("是", "y", "yes", "true", "必选", "必填", "必须", "required", "√", "✓", "1", "t")
NO = (
    *_terms("否 n no false 可选 选填 非必填 非必选 optional × ✗ 0 f - —"),
    "",  # an empty cell in this column means no
)
"""Contents of a cell in a column of REQUIRED."""
EMPTY_CELLS = ("", "-", "—", "--", "无", "n/a", "none", "/", "空")
"""Contents of a cell that mean the same as an empty cell."""

TYPES: dict[str, tuple[Kind, str]] = {
    "string": (Kind.STRING, ""),
    "str": (Kind.STRING, ""),
    "text": (Kind.STRING, ""),
    "char": (Kind.STRING, ""),
    "varchar": (Kind.STRING, ""),
    "enum": (Kind.STRING, ""),
    "字符串": (Kind.STRING, ""),
    "文本": (Kind.STRING, ""),
    "uuid": (Kind.STRING, "uuid"),
    "datetime": (Kind.STRING, "date-time"),
    "offsetdatetime": (Kind.STRING, "date-time"),
    "timestamp": (Kind.STRING, "date-time"),
    "date": (Kind.STRING, "date"),
    "时间": (Kind.STRING, "date-time"),
    "long": (Kind.INTEGER, "int64"),
    "int64": (Kind.INTEGER, "int64"),
    "bigint": (Kind.INTEGER, "int64"),
    "长整型": (Kind.INTEGER, "int64"),
    "integer": (Kind.INTEGER, "int32"),
    "int": (Kind.INTEGER, "int32"),
    "int32": (Kind.INTEGER, "int32"),
    "short": (Kind.INTEGER, "int32"),
    "整数": (Kind.INTEGER, "int32"),
    "整型": (Kind.INTEGER, "int32"),
    "float": (Kind.NUMBER, "float"),
    "double": (Kind.NUMBER, "double"),
    "decimal": (Kind.NUMBER, ""),
    "bigdecimal": (Kind.NUMBER, ""),
    "number": (Kind.NUMBER, ""),
    "数字": (Kind.NUMBER, ""),
    "浮点": (Kind.NUMBER, "double"),
    "boolean": (Kind.BOOLEAN, ""),
    "bool": (Kind.BOOLEAN, ""),
    "布尔": (Kind.BOOLEAN, ""),
    "布尔值": (Kind.BOOLEAN, ""),
    "object": (Kind.OBJECT, ""),
    "map": (Kind.OBJECT, ""),
    "json": (Kind.OBJECT, ""),
    "dict": (Kind.OBJECT, ""),
    "struct": (Kind.OBJECT, ""),
    "对象": (Kind.OBJECT, ""),
    "array": (Kind.ARRAY, ""),
    "list": (Kind.ARRAY, ""),
    "set": (Kind.ARRAY, ""),
    "collection": (Kind.ARRAY, ""),
    "数组": (Kind.ARRAY, ""),
    "列表": (Kind.ARRAY, ""),
    "集合": (Kind.ARRAY, ""),
}
"""Names of types, each with the kind and the OpenAPI format that it means."""

PAGING_PARAMETERS = _terms(
    "page size limit offset cursor pageno pagenum pagenumber pageindex pagesize perpage start "
    "count skip top token pagetoken after before"
)
"""Query parameters that select a part of a list. They filter by no field."""

SORTING_PARAMETERS = _terms("sort sortby sorting order orderby ordering sortorder direction orders")
"""Query parameters that order a list."""

GENERIC_TITLE_TERMS = _terms(
    "api 接口 文档 说明 手册 参考 指南 文件 "
    "document documentation docs doc reference rest http the of guide"
)
"""Parts of a heading that state only that the page is about an API, not which one."""
