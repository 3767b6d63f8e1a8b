"""The texts of the pages, in English and Chinese."""

from collections.abc import Mapping

LANGUAGES = ("en", "zh")
_CHINESE: Mapping[str, str] = {
    "Calls": "调用",
    "Next answer": "下一个响应",
    "Tasks": "任务",
    "Worlds": "环境",
    "Scenarios": "场景",
    "Contract": "契约",
    "Recipes": "用法",
    "World": "环境",
    "Clock": "时钟",
    "Pause": "暂停",
    "Run": "运行",
    "Next event": "下一个事件",
    "Speed": "速度",
    "active rules": "条生效规则",
    "Skip to the content": "跳到正文",
    "No calls yet. Call the API, and they appear here.": "还没有调用。调用 API 后会显示在这里。",
    "Call": "调用",
    "Time": "时间",
    "Status": "状态",
    "Operation": "操作",
    "What is wrong": "问题",
    "Filter": "筛选",
    "All": "全部",
    "With violations": "有违规",
    "Without a route": "无匹配路由",
    "Request": "请求",
    "Response": "响应",
    "Why this answer": "为什么是这个响应",
    "Copy as curl": "复制为 curl",
    "Copied": "已复制",
    "Answer with": "响应为",
    "For": "用于",
    "the next call": "下一次调用",
    "all calls": "所有调用",
    "Add": "添加",
    "Remove": "移除",
    "Remove all": "全部移除",
    "Rules": "规则",
    "No rules were added.": "没有添加规则。",
    "Reply": "响应",
    "Fault": "故障",
    "Name": "名称",
    "Used": "已用次数",
    "Task": "任务",
    "Graph": "依赖图",
    "Subtasks": "子任务",
    "Commands": "命令",
    "Force a status": "强制状态",
    "Retry": "重试",
    "Roll back": "回滚",
    "Skip": "跳过",
    "Cancel": "取消",
    "Log": "日志",
    "Until it ends": "直到结束",
    "Step": "步进",
    "Account": "账号",
    "Add a task": "添加任务",
    "Reset": "重置",
    "Export": "导出",
    "Snapshots": "快照",
    "Save a snapshot": "保存快照",
    "Restore": "恢复",
    "Delete": "删除",
    "Use in this browser": "在此浏览器中使用",
    "Open": "打开",
    "Activate": "启用",
    "active": "生效中",
    "Origin": "来源",
    "Description": "说明",
    "Method": "方法",
    "Path": "路径",
    "Summary": "摘要",
    "Source": "来源",
    "Base URL": "基础地址",
    "Dev proxy for Vite": "Vite 开发代理",
    "A call with fetch": "fetch 调用",
    "The contract has no tasks.": "此契约没有任务。",
    "The world is gone.": "此环境不存在。",
    "Connection lost. Trying again.": "连接已断开，正在重试。",
    "Done.": "已完成。",
    "Headers": "头部",
    "Body": "正文",
    "the body is cut; the whole exchange": "正文已截断；完整记录",
    "Documents": "文档",
    "None": "无",
    "Create": "新建",
    "of": "共",
    "Language": "语言",
    "Token": "令牌",
    "Log in": "登录",
    "The token is wrong.": "令牌错误。",
    "The stub asks for its control token.": "需要控制令牌。",
}


def choose_language(wanted: str, accepted: str) -> str:
    """Return the language of a page: the one that was chosen, else the first that is accepted."""
    if wanted in LANGUAGES:
        return wanted
    for part in accepted.split(","):
        name = part.partition(";")[0].strip().lower().partition("-")[0]
        if name in LANGUAGES:
            return name
    return LANGUAGES[0]


def translate(text: str, language: str) -> str:
    """Return a text of the pages in a language; as it is where there is no other."""
    return _CHINESE.get(text, text) if language == "zh" else text
