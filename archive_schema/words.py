"""The enumerations, each with the Chinese a user reads."""

from __future__ import annotations

from enum import StrEnum

#: what the reason of a quarantine says where a 密级 was read (law 9)
SUSPECTED_SECRET = "疑似涉密"
#: what is added where the bytes had been archived before anybody saw it
SECRET_HELD = "此件先前已入库;请确认后用 dangan withdraw --destroy 销毁"
#: the three levels of the law on guarding state secrets
SECRECY_LEVELS = ("绝密", "机密", "秘密")


class EvidenceKind(StrEnum):
    """材料类型. The values are the Chinese names: they appear in JSON as they are."""

    DOCUMENT = "规范文件"
    REPORT = "说明报告"
    PHOTO = "实景图片"
    TABLE = "统计表格"


class ReviewMethod(StrEnum):
    """测评方法 of a standard; only MATERIAL is archived here."""

    MATERIAL = "材料审核"
    FIELD = "实地考察"
    SURVEY = "问卷调查"


class Provenance(StrEnum):
    """How well a catalogue row is attested (shared catalogue README)."""

    CONFIRMED = "confirmed"
    PARTIAL = "partial"
    INFERRED = "inferred"

    @property
    def zh(self) -> str:
        return {"confirmed": "已核", "partial": "部分核实", "inferred": "推断"}[self.value]


class CellState(StrEnum):
    """State of a requirement (law 1); an item takes the worst of its applicable cells."""

    MISSING = "missing"
    UNUSABLE = "unusable"
    IN_REVIEW = "in_review"
    USABLE = "usable"
    NOT_APPLICABLE = "not_applicable"

    @property
    def zh(self) -> str:
        return {
            "missing": "未提交",
            "unusable": "不可用",
            "in_review": "待复核",
            "usable": "可用",
            "not_applicable": "不适用",
        }[self.value]

    @property
    def sign(self) -> str:
        """A sign beside the colour, for print and for colour-blind readers."""
        return {"missing": "○", "unusable": "✕", "in_review": "?", "usable": "✓", "not_applicable": "—"}[self.value]


#: worst first; the order of law 1
WORST_FIRST = (CellState.MISSING, CellState.UNUSABLE, CellState.IN_REVIEW, CellState.USABLE)


class RemarkCode(StrEnum):
    """What is said of a cell besides its state, by the day on which it is read; most pressing first."""

    OVERDUE = "overdue"
    DUE = "due"
    LEAVING = "leaving"
    ADRIFT = "adrift"
    REPLACED = "replaced"
    REVIEW_DUE = "review_due"
    NO_PERSON = "no_person"
    LATE = "late"

    @property
    def zh(self) -> str:
        return {
            "overdue": "逾期",
            "due": "即将到期",
            "leaving": "即将出窗",
            "adrift": "目录换版",
            "replaced": "原处已换",
            "review_due": "需定期审查",
            "no_person": "无责任人",
            "late": "迟交",
        }[self.value]


class PlacementStatus(StrEnum):
    AUTO = "auto"
    IN_REVIEW = "in_review"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"

    @property
    def zh(self) -> str:
        return {"auto": "自动归类", "in_review": "待复核", "confirmed": "已确认", "rejected": "已否定"}[self.value]

    @property
    def holds(self) -> bool:
        """The material stands where it was placed, for all that is known, and counts there once its checks have passed (law 1)."""
        return self in (PlacementStatus.AUTO, PlacementStatus.CONFIRMED)


class CaptionFrom(StrEnum):
    """How the caption of a picture was come by: the method of that fact."""

    FORM = "form"
    SIDECAR = "sidecar"
    DOCUMENT = "document"  # that the picture stands in
    NAME = "name"

    @property
    def a_name(self) -> bool:
        """But a name that people gave the file, as any file has one; says nothing of what is in it."""
        return self in (CaptionFrom.FORM, CaptionFrom.NAME)


class PlacementMethod(StrEnum):
    """What spoke for a placement."""

    FORM = "form"
    NUMBER = "number"
    TEXT = "text"
    DECISION = "decision"

    @property
    def zh(self) -> str:
        return {"form": "提交表", "number": "编号", "text": "文字内容", "decision": "审核意见"}[self.value]


class Severity(StrEnum):
    BLOCKING = "blocking"
    WARNING = "warning"
    NOTICE = "notice"

    @property
    def zh(self) -> str:
        return {"blocking": "阻断", "warning": "警告", "notice": "提示"}[self.value]

    @property
    def rank(self) -> int:
        """0 is the gravest."""
        return list(type(self)).index(self)


class Outcome(StrEnum):
    """Of one check on one thing. UNCHECKED (未检) is never a pass."""

    PASS = "pass"
    FAIL = "fail"
    UNCHECKED = "unchecked"

    @property
    def zh(self) -> str:
        return {"pass": "通过", "fail": "不通过", "unchecked": "未检"}[self.value]


class Nature(StrEnum):
    """The four natures of electronic records by which audit findings are grouped (DA/T 70)."""

    AUTHENTICITY = "真实性"
    INTEGRITY = "完整性"
    USABILITY = "可用性"
    SECURITY = "安全性"


class ReadState(StrEnum):
    """How far a reader got with a file.

    READ        everything this reader reads was read
    PARTIAL     some was read; ``Reading.detail`` says what was not
    ENCRYPTED   a password is needed
    DAMAGED     the bytes are not a whole file of their type
    UNSUPPORTED no reader for the format: unchecked, never a pass
    GAVE_UP     a limit of ours (time, memory) or a crash stopped the reader: unchecked
    """

    READ = "read"
    PARTIAL = "partial"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    UNSUPPORTED = "unsupported"
    GAVE_UP = "gave_up"


class Disposition(StrEnum):
    """What the accounting of law 2 makes of a file found in an inbox."""

    NEW = "new"
    KNOWN = "known"
    QUARANTINED = "quarantined"
    WAITING = "waiting"
    IGNORED = "ignored"


class DecisionAction(StrEnum):
    """审核意见: the acts a named person can do (``archive_schema.decisions`` says what each needs)."""

    ACCEPT = "accept"
    MOVE = "move"
    REJECT = "reject"
    RETURN = "return"
    ATTEST = "attest"
    WAIVE = "waive"
    SUPERSEDE = "supersede"
    WITHDRAW = "withdraw"
    REASSIGN = "reassign"
    NOT_APPLICABLE = "not_applicable"
    REVIEWED = "reviewed"
    NEGATIVE_ENTRY = "negative_entry"
    NEGATIVE_EVENT = "negative_event"
    UNDO = "undo"

    @property
    def zh(self) -> str:
        return {
            "accept": "确认",
            "move": "改归",
            "reject": "否定归类",
            "return": "退回",
            "attest": "认定要素",
            "waive": "豁免问题",
            "supersede": "以新替旧",
            "withdraw": "撤回",
            "reassign": "改派责任单位",
            "not_applicable": "不适用",
            "reviewed": "定期审查",
            "negative_entry": "负面清单条目",
            "negative_event": "负面清单事项",
            "undo": "撤销意见",
        }[self.value]


class EventType(StrEnum):
    """PREMIS event types used in the series (id.loc.gov/vocabulary/preservation/eventType)."""

    INGESTION = "ingestion"
    DIGEST = "message digest calculation"
    FORMAT = "format identification"
    VALIDATION = "validation"
    FIXITY = "fixity check"
    QUARANTINE = "quarantine"
    ACCESSION = "accession"
    DEACCESSION = "deaccession"
    DELETION = "deletion"
    RECOVERY = "recovery"
    METADATA_MODIFICATION = "metadata modification"

    @property
    def zh(self) -> str:
        return {
            "ingestion": "收件",
            "message digest calculation": "计算摘要",
            "format identification": "认定格式",
            "validation": "检查",
            "fixity check": "核对字节",
            "quarantine": "隔离",
            "accession": "归入",
            "deaccession": "撤出",
            "deletion": "销毁",
            "recovery": "恢复",
            "metadata modification": "变更记录",
        }[self.value]
