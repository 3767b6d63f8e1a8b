"""The words that documents use for the same thing, Chinese and English, as data. Folded to lower case, no spaces."""

from enum import Enum

from understudy.derive.facts import Kind, Role


class Column(Enum):
    """What a table's column tells."""

    NAME = "name"
    TYPE = "type"
    REQUIRED = "required"
    EXAMPLE = "example"
    DESCRIPTION = "description"
    LOCATION = "location"
    DEFAULT = "default"


COLUMNS: dict[Column, tuple[str, ...]] = {
    Column.NAME: (
        *("参数", "参数名", "参数名称", "字段", "字段名", "字段名称", "属性", "属性名", "名称", "变量"),
        *("name", "field", "fieldname", "parameter", "param", "property", "key", "attribute"),
    ),
    Column.TYPE: ("类型", "参数类型", "数据类型", "字段类型", "type", "datatype"),
    Column.REQUIRED: (
        *("必选", "必填", "必须", "是否必选", "是否必填", "是否必须"),
        *("required", "mandatory", "required?"),
    ),
    Column.EXAMPLE: ("示例值", "示例", "样例", "例", "举例", "example", "examples", "sample"),
    Column.DESCRIPTION: (
        *("描述", "说明", "含义", "备注", "参数说明", "参数描述", "字段说明", "解释"),
        *("description", "meaning", "notes", "note", "remarks", "remark", "comment"),
    ),
    Column.LOCATION: ("位置", "参数位置", "传参位置", "in", "location"),
    Column.DEFAULT: ("默认值", "缺省值", "默认", "default", "defaultvalue"),
}

ROLES: dict[Role, tuple[str, ...]] = {
    Role.DESCRIPTION: (
        *("功能说明", "功能", "功能描述", "接口说明", "接口描述", "接口功能"),
        *("description", "summary", "purpose"),
    ),
    Role.CONSTRAINT: (
        *("接口约束", "约束", "约束条件", "使用约束", "权限", "权限要求", "所需权限", "鉴权"),
        *("constraints", "constraint", "permission", "permissions", "authorization"),
    ),
    Role.ENDPOINT: (
        *("请求路径", "路径", "接口路径", "接口地址", "请求地址", "请求url", "请求方式", "接口", "url"),
        *("endpoint", "path", "route", "request"),
    ),
    Role.REQUEST: (
        *("请求参数", "参数", "入参", "输入参数", "请求体", "请求体参数", "请求body", "请求头"),
        *("parameters", "requestparameters", "params", "requestbody", "arguments"),
    ),
    Role.RESPONSE: (
        *(
            "返回结果",
            "返回参数",
            "返回值",
            "返回",
            "返回字段",
            "响应",
            "响应参数",
            "响应结果",
            "响应体",
            "出参",
            "输出参数",
        ),
        *("response", "responses", "returns", "result", "results", "responsebody", "responseparameters"),
    ),
    Role.EXAMPLE: (
        *("示例", "请求示例", "返回示例", "响应示例", "样例", "调用示例"),
        *("example", "examples", "requestexample", "responseexample", "sample"),
    ),
}

LOCATIONS: dict[str, tuple[str, ...]] = {
    "path": ("path", "路径", "url"),
    "query": ("query", "查询", "querystring"),
    "header": ("header", "headers", "请求头", "头部"),
    "body": ("body", "请求体", "json"),
}

YES = ("是", "y", "yes", "true", "必选", "必填", "必须", "required", "√", "✓", "1", "t")
NO = ("否", "n", "no", "false", "可选", "选填", "非必填", "非必选", "optional", "×", "✗", "0", "f", "", "-", "—")
NOTHING = ("", "-", "—", "--", "无", "n/a", "none", "/", "空")
"""How a cell says that it has nothing to say."""

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

PAGING = (
    *("page", "size", "limit", "offset", "cursor", "pageno", "pagenum", "pagenumber", "pageindex", "pagesize"),
    *("perpage", "start", "count", "skip", "top", "token", "pagetoken", "after", "before"),
)
"""Query parameters that choose a part of a list: they filter by no field."""

SORTING = ("sort", "sortby", "sorting", "order", "orderby", "ordering", "sortorder", "direction", "orders")
"""Query parameters that order a list."""

GENERIC_TITLE = (
    *("api", "接口", "文档", "说明", "手册", "参考", "指南", "文件"),
    *("document", "documentation", "docs", "doc", "reference", "rest", "http", "the", "of", "guide"),
)
"""What says only that a page is a page about an API."""
