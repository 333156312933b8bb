from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive_schema.evidence import Fact, KindGuess
from archive_schema.words import EvidenceKind as K
from classification import form_words, wording
from classification.classifier import KIND_SURE
from classification.form_words import bare, said
from classification.kinds import NUMBERED_REPORT, guess_kind, typed

PDF, JPEG = "application/pdf", "image/jpeg"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def guess(media_type: str, name: str, title: str | None = None, text: str = "", **facts: object) -> KindGuess | None:
    return guess_kind(media_type=media_type, name=name, title=title, facts={k: Fact(v) for k, v in facts.items()}, text=text)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("关于印发《红黑榜发布制度》的通知", K.DOCUMENT),
        ("关于印发《志愿者统计办法》的通知", K.DOCUMENT),
        ("关于公布文明单位名单的通知", K.DOCUMENT),
        ("包头市市民公约", K.DOCUMENT),
        ("关于编制的批复", K.DOCUMENT),
        ("2017年志愿服务工作总结", K.REPORT),
        ("创建工作综述", K.REPORT),
        ("道德讲堂开展情况说明", K.REPORT),
        ("道德讲堂情况统计表", K.TABLE),
        ("12315受理一览表(2017年1-7月)", K.TABLE),
        ("志愿者台账", K.TABLE),
        ("文明单位名单", K.TABLE),
        ("城镇登记失业率", K.TABLE),
        ("道德讲堂现场照片", K.PHOTO),
        ("红黑榜发布截图", K.PHOTO),
    ],
)
def test_the_last_word_of_form_of_a_title_decides(title: str, kind: K) -> None:
    found = guess("", title)
    assert found is not None and found.name is kind and found.reasons


@pytest.mark.parametrize("name", ["道德讲堂", "道德讲堂现场照片", "道德讲堂开展情况说明"])
def test_a_video_is_nearest_to_a_photograph_and_never_sure(name: str) -> None:
    found = guess("video/mp4", name)
    assert found is not None and found.name is K.PHOTO and (found.score or 0) < KIND_SURE
    assert "是视频" in "".join(found.reasons)
    assert guess("audio/mpeg", "道德讲堂") is None


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("市长公开电话九月情况通报", K.REPORT),
        ("文明城市创建督查通报", K.DOCUMENT),
        ("2016年文化馆服务情况", K.TABLE),  # a state of things
        ("2016年文化馆免费开放工作情况", K.REPORT),  # work that was done
        ("街道举办身边好人事迹报告会", K.PHOTO),
        ("关于举办身边好人事迹报告会的通知", K.DOCUMENT),
        ("区妇联修订《家庭文明公约》", K.PHOTO),
        ("区妇联关于修订《家庭文明公约》的通知", K.DOCUMENT),
        ("社区志愿者向游客发放文明旅游倡议书", K.PHOTO),
        ("文明旅游倡议书", K.DOCUMENT),
        ("全市累计建成农家书屋412家", K.REPORT),
        ("切实抓好老旧小区改造各项工作", K.REPORT),
        ("主要年份公共图书馆藏书", K.TABLE),
    ],
)
def test_headlines_and_states_of_things_are_told_from_documents(title: str, kind: K) -> None:
    found = guess("", title)
    assert found is not None and found.name is kind and found.reasons


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("某中心上半年工作总结和下半年安排", K.REPORT),
        ("关于下半年工作安排的通知", K.DOCUMENT),
        ("第四批区级文物保护单位名单及其保护范围", K.TABLE),
        ("文物保护单位名单及保护范围的通知", K.DOCUMENT),
        ("图5 2001-2009年垃圾处理场统计", K.TABLE),
        ("图5 志愿者在广场服务", K.PHOTO),
        ("77 城镇公共厕所情况20052006", K.TABLE),
        ("5-7 年末公共汽车数量与分配", K.TABLE),
        ("机关第二党支部学习制度", K.DOCUMENT),
        ("我县一家企业建立职工代表制度", K.PHOTO),
        ("志愿者正在发放文明手册", K.PHOTO),
        ("信息公开申请应用手册", K.DOCUMENT),
    ],
)
def test_what_stands_before_the_last_word_can_say_another_kind(title: str, kind: K) -> None:
    found = guess("", title)
    assert found is not None and found.name is kind, found


@pytest.mark.parametrize("title", ["代表们", "IMG_0123", "", "2017-08"])
def test_too_few_characters_without_a_word_of_form_are_no_guess(title: str) -> None:
    assert guess("", title) is None


def test_a_few_characters_are_hardly_a_guess() -> None:
    for title in ("道德讲堂", "社区阅览室"):
        found = guess("", title)
        assert found is not None and found.name is K.PHOTO and found.score == wording.SHORT_MOST
    longer = guess("", "新建成的社区阅览室")
    assert longer is not None and longer.score is not None and longer.score > wording.SHORT_MOST


def test_the_format_decides_before_the_words() -> None:
    assert guess(JPEG, "义务植树.jpg").name is K.PHOTO  # type: ignore[union-attr]
    assert guess(XLSX, "关于上报的通知.xlsx").name is K.TABLE  # type: ignore[union-attr]
    assert guess(PDF, "情况统计表.pdf").name is K.TABLE  # type: ignore[union-attr]


def test_a_picture_with_a_document_number_is_a_scan() -> None:
    found = guess(JPEG, "a.jpg", document_number="包府发〔2017〕3号")
    assert found is not None and found.name is K.DOCUMENT and found.score is not None and found.score < 0.8


def test_a_title_as_read_beats_the_file_name() -> None:
    assert guess(PDF, "统计表.pdf", "关于表彰的决定").name is K.DOCUMENT  # type: ignore[union-attr]


def test_a_numbered_report_stays_a_report_but_a_doubtful_one() -> None:
    found = guess(PDF, "a.pdf", "关于志愿服务情况的报告", document_number="包文明办〔2017〕3号")
    assert found is not None and (found.name, found.score) == (K.REPORT, NUMBERED_REPORT)
    assert any("发文字号" in r for r in found.reasons)


def test_layout_speaks_where_words_do_not() -> None:
    assert guess(PDF, "a.pdf", document_number="包府发〔2017〕3号").name is K.DOCUMENT  # type: ignore[union-attr]
    assert guess(PDF, "a.pdf", table_rows=12).name is K.TABLE  # type: ignore[union-attr]
    long = guess(PDF, "a.pdf", text="我市坚持" * 60)
    assert long is not None and long.name is K.REPORT and long.score is not None and long.score < 0.5
    assert guess("application/octet-stream", "a.bin") is None


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("规范文件", K.DOCUMENT),
        ("正式发文", K.DOCUMENT),
        ("图片", K.PHOTO),
        ("数据表格", K.TABLE),
        ("情况说明", K.REPORT),
        ("", None),
        ("其他", None),
    ],
)
def test_the_form_names_kinds_in_several_words(cell: str, kind: K | None) -> None:
    assert typed(cell) is kind


def test_a_form_that_names_two_kinds_names_none() -> None:
    assert typed("规范文件、实景图片") is None


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        # a state of things, a figure, an argument, a heading of a work report
        ("全市公共图书馆实现县级全覆盖", K.REPORT),
        ("群众安全感满意度连续三年提升", K.REPORT),
        ("上半年全市接待游客同比增长12%", K.REPORT),
        ("2017年全市社会治安形势总体平稳", K.REPORT),
        ("推进社区治理规范化建设", K.REPORT),
        ("诚信建设的内涵、特征与实现路径", K.REPORT),
        ("城市志愿服务问题研究——以包头市为例", K.REPORT),
        ("2016年统计公报:图书馆新增三座", K.REPORT),
        ("在全市文明创建推进会上的讲话", K.REPORT),
        ("关于加强养老服务的提案的答复", K.REPORT),
        ("关于上半年信访工作情况的通报", K.REPORT),
        ("市文化馆2023年度单位决算", K.REPORT),
        # an event, people, an award, a caption
        ("街道组织志愿者清理楼道杂物", K.PHOTO),
        ("省考核组到我市检查未成年人工作", K.PHOTO),
        ("我区三名市民荣登好人榜", K.PHOTO),
        ("非遗进校园 童心传文化", K.PHOTO),
        ("3月5日,志愿者在敬老院为老人理发", K.PHOTO),
        ("居民在活动室下棋(张三 摄)", K.PHOTO),
        ("市人大常委会听取义务教育均衡发展情况汇报", K.PHOTO),
        ("我市3个村入选乡村治理示范村名单", K.PHOTO),
        ("好消息!我市再添一项国家级名录!", K.PHOTO),
        ("社区开展垃圾分类活动(图)", K.PHOTO),
        # rows of a yearbook, names of tables
        ("按三次产业分的就业人员", K.TABLE),
        ("年末各县区常住人口", K.TABLE),
        ("环境空气监测结果", K.TABLE),
        ("最佳志愿服务组织(20个)", K.TABLE),
        # rules under other names
        ("窗口服务承诺", K.DOCUMENT),
        ("致全体市民的一封信", K.DOCUMENT),
        ("岗位职责", K.DOCUMENT),
        ("文明校园评分标准", K.DOCUMENT),
        ("低保审核审批办法全文", K.DOCUMENT),
    ],
)
def test_a_title_nobody_has_seen_is_read_by_its_wording(title: str, kind: K) -> None:
    found = guess("", title)
    assert found is not None and found.name is kind, found


@pytest.mark.parametrize(
    ("noun", "clause"),
    [
        ("公交分担率", "市公交公司提高公交分担率"),  # the noun is a table, the sentence is news
        ("残疾人权益保障协调机制", "完善残疾人权益保障协调机制"),
        ("红黑榜发布制度", "我市建立红黑榜发布制度"),
        ("文明旅游倡议书", "导游向游客发放文明旅游倡议书"),
    ],
)
def test_a_word_of_form_that_is_the_object_of_a_verb_does_not_decide(noun: str, clause: str) -> None:
    alone, sentence = guess("", noun), guess("", clause)
    assert alone is not None and alone.reasons == (f"标题以“{said(noun).word}”收尾",)  # type: ignore[union-attr]
    assert sentence is not None and sentence.name is not alone.name


@pytest.mark.parametrize(
    ("name", "kind"),
    [("IMG_0123.JPG", K.PHOTO), ("附件3.xlsx", K.TABLE), ("关于上报的通知.docx", K.DOCUMENT), ("扫描.pdf", None)],
)
def test_a_mere_name_tells_by_its_extension_when_it_is_a_picture_or_a_sheet(name: str, kind: K | None) -> None:
    found = guess("", name)
    assert (found and found.name) is kind


@pytest.mark.parametrize(
    ("title", "kind", "reason"),
    [
        ("城市志愿服务问题研究——以包头市为例", K.REPORT, "写法像调研或研究文章"),
        ("墙上的红黑榜发布制度。", K.PHOTO, "写法像图片说明"),
        ("市文明办制定志愿者管理办法", K.PHOTO, "说的是一份文件的消息"),
        ("市文明办志愿者管理办法", K.DOCUMENT, "标题以“办法”收尾"),
        ("2017年文化馆服务情况", K.TABLE, "只列一类对象的情况"),
        ("3-7 图书馆情况(2010年-2016年)", K.TABLE, "编号和写法像统计年鉴的表"),
        ("工作总结(2010年-2016年)", K.REPORT, "标题以“总结”收尾"),
        ("【督查通报(第3期)】请各单位举一反三", K.DOCUMENT, "标题以文种“【督查通报(第3期)】请”领起"),
        ("消防安全教育培训规定包公发〔2017〕3号", K.DOCUMENT, "标题以“规定”收尾"),
        ("工作人员配备标准住建部2022", K.DOCUMENT, "标题以“标准”收尾"),
    ],
)
def test_the_reason_says_what_decided(title: str, kind: K, reason: str) -> None:
    found = guess("", title)
    assert found is not None and found.name is kind and found.reasons[0] == reason, found


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("信访件办理流程图", K.DOCUMENT),
        ("信访件办理现场图", K.PHOTO),
        ("某县校园周边环境整治方案——网吧和游戏厅", K.DOCUMENT),
        ("窗口服务工作规范 第3部分:投诉处理", K.DOCUMENT),
        ("倡议书 | 厉行节约从我做起", K.DOCUMENT),
        ("城管局社会责任报告12:公园开放", K.REPORT),
        ("6月3日上午,志愿者在车站领取市民文明手册", K.PHOTO),
        ("市民文明手册", K.DOCUMENT),
        ("园林局春季绿化讲话", K.REPORT),
        ("王市长在绿化动员会上讲话", K.PHOTO),
        ("1986~1997年各校毕业生人数", K.TABLE),
        ("8-2 全市供水状况", K.TABLE),
        ("全市供水状况", K.REPORT),
        ("志愿服务时间计算方法", K.DOCUMENT),
    ],
)
def test_neither_a_subtitle_nor_a_number_nor_a_date_hides_what_it_is(title: str, kind: K) -> None:
    found = guess("", title)
    assert found is not None and found.name is kind, found


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("开会前,委员们核对座次表", K.PHOTO),  # who is many is in a picture, whatever they hold
        ("护士们为老人们讲解用药注意事项", K.PHOTO),
        ("孩子们的公约", K.DOCUMENT),
        ("李局长出席座谈会并讲话", K.PHOTO),
        ("2013年全市绿化工作会议讲话", K.REPORT),
        ("养老机构收住老人情况(2014)", K.TABLE),
        ("电影放映场次及观众情况(村表)", K.TABLE),
        ("网吧经营场所年审办法(附登记表)", K.DOCUMENT),
        ("传染病登记报告簿", K.TABLE),
        ("卫生评比表格式", K.TABLE),
        ("36个重点城市信用指数前10名", K.TABLE),
        ("区科协2019年度决算公开文本", K.REPORT),
        ("送戏下乡演出合同书", K.DOCUMENT),
    ],
)
def test_who_acts_what_is_in_brackets_and_rarer_ends_tell_the_kind(title: str, kind: K) -> None:
    found = guess("", title)
    assert found is not None and found.name is kind, found


def test_a_word_of_form_is_no_reason_for_another_kind_than_its_own() -> None:
    found = guess("", "晚报公布第二届道德模范候选人名单")
    assert found is not None and found.name is K.PHOTO and not any("名单" in r for r in found.reasons)


def test_a_paragraph_is_no_title() -> None:
    assert guess("", "社区开展志愿服务活动," * 40) is None


def test_brackets_at_the_end_are_not_the_title_unless_they_name_a_picture() -> None:
    assert said("工作方案(征求意见稿)(2017-2020年)").word == "方案"  # type: ignore[union-attr]
    assert said("开展宣传活动(照片)").kind is K.PHOTO  # type: ignore[union-attr]
    assert said("激发公交发展动力(情况通报)").word == "情况通报"  # type: ignore[union-attr]


def test_words_that_may_be_anything_within_a_title_count_only_at_its_end() -> None:
    assert said("志愿者经费")  # a table of money
    assert said("经费保障到位了") is None
    assert said("市人大代表") is None and said("先进事迹报告会") is None


@pytest.mark.parametrize(
    ("paper", "kind", "news"),
    [
        ("第二届道德模范候选人名单", K.TABLE, "晚报公布第二届道德模范候选人名单"),
        ("小区新版居民公约", K.DOCUMENT, "业主代表表决通过小区新版居民公约"),
        ("区长在全区创建动员会上的讲话", K.REPORT, "区长在全区创建动员会上讲话"),
        ("在全省会议上的典型经验介绍", K.REPORT, "区文明办主任在全省会议上作典型经验介绍"),
        ("社区文明创建任务整改情况", K.REPORT, "市领导到社区检查文明创建任务整改情况"),
        ("乡村治理示范村名单", K.TABLE, "我区5个村入选乡村治理示范村名单"),
    ],
)
def test_what_is_done_with_a_paper_is_news_and_not_the_paper(paper: str, kind: K, news: str) -> None:
    alone, told_of = guess("", paper), guess("", news)
    assert alone is not None and alone.name is kind
    assert told_of is not None and told_of.name is K.PHOTO, told_of


@pytest.mark.parametrize(
    "title",
    [
        "供电所上半年工作汇报",
        "行政许可信息公布管理办法",
        "图书馆讲解员花名册",
        "关于公布示范村名单的通知",
        "人大议案审议结果报告",
    ],
)
def test_a_paper_that_names_what_is_done_with_papers_stays_one(title: str) -> None:
    found = guess("", title)
    assert found is not None and found.reasons == (f"标题以“{said(title).word}”收尾",)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("区教育局普法责任清单", K.DOCUMENT),
        ("信用平台填报说明", K.DOCUMENT),
        ("餐饮企业反浪费指南十条", K.DOCUMENT),
        ("窗口规范化服务标准", K.DOCUMENT),
        ("文明城市建设三年重点任务(2018-2020年)", K.DOCUMENT),
        ("关于环境执法检查结果的通报", K.REPORT),
        ("食堂安全自查报告及整改措施", K.REPORT),
        ("第二季度饮用水水质监测信息公告", K.REPORT),
        ("接待群众咨询1.2万人次", K.REPORT),
        ("法律援助咨询登记簿", K.TABLE),
        ("第四届文明家庭候选名单公示", K.TABLE),
        ("按经济类型分的就业人员", K.TABLE),
        ("群众文化机构情况 (2016年末)", K.TABLE),
        ("责任清单对外公示", K.PHOTO),
    ],
)
def test_rarer_words_of_form_are_known(title: str, kind: K) -> None:
    found = guess("", title)
    assert found is not None and found.name is kind, found


WORDING = st.text(alphabet="市区社开展推进志愿服务工作情况通知表照片%12年月日(),:。!?“”—— 的关于", max_size=40)


@given(st.one_of(st.text(max_size=60), WORDING))
def test_any_title_gets_a_belief_within_bounds_and_reasons_or_nothing(title: str) -> None:
    found = guess("", title)
    assert found == guess("", title)
    if found is not None:
        assert found.reasons and all(found.reasons)
        assert found.score is not None and 0.25 <= found.score <= 0.75


@given(WORDING)
@example("照”片%")
def test_what_a_reason_quotes_stands_in_the_title(title: str) -> None:
    found = wording.weighed(bare(title), said(title), wording.weights())
    for reason in found.reasons:
        if "写法像“" not in reason:  # names the kind
            assert all(q.rstrip("…") in re.sub(r"\s+", " ", bare(title)) for q in re.findall("“(.+?)”", reason)), reason


def test_doubtful_wording_scores_lower_than_plain_wording() -> None:
    plain, doubtful = guess("", "社区举办端午节包粽子活动"), guess("", "全市多数企业建立职工代表制度")
    assert plain is not None and doubtful is not None and (doubtful.score or 1.0) < (plain.score or 0.0)


def test_no_word_of_form_stands_twice_and_every_kind_has_some() -> None:
    rows = (line.split("\t") for line in _data("form_words.tsv")[1:])
    listed = Counter(word for _, where, role, words in rows for word in words.split())
    assert [word for word, times in listed.items() if times > 1] == []
    assert {w.kind for w in form_words.words().values()} == set(K)
    assert {w.role for w in form_words.words().values()} == {"-", "clause", "paper"}


@pytest.mark.parametrize(
    ("labels", "least"),
    [
        ("titles.tsv", 0.98),
        ("unseen.tsv", 0.975),
        ("third.tsv", 0.98),
        ("fourth.tsv", 0.98),
        ("more.tsv", 0.98),
        ("fifth.tsv", 0.97),
    ],
)
def test_the_kinds_of_the_labelled_titles_built_on_are_told(labels: str, least: float) -> None:
    path = Path(__file__).parent / "labelled" / labels
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [(r["title"], r["kind"]) for r in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]
    wrong = [(t, k) for t, k in rows if (found := guess("", t)) is None or found.name.value != k]
    assert len(wrong) <= (1 - least) * len(rows), wrong


def _data(name: str) -> list[str]:
    path = Path(wording.__file__).parent / name
    return [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
