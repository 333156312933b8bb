"""The table of file formats: the one place to add one (a reader for it goes into ``intake/readers``).

``family`` decides which kinds of evidence a file may be and which checks apply:
document (text with pages), table, picture, text, archive, other (archived, nobody reads it: 未检).
"""

from __future__ import annotations

import msgspec


class Format(msgspec.Struct, frozen=True):
    media_type: str
    name: str  # Chinese, as shown
    extensions: tuple[str, ...]  # lower case, with the dot; the first is the usual one
    family: str


_OOXML = "application/vnd.openxmlformats-officedocument"

FORMATS: tuple[Format, ...] = (
    Format("application/pdf", "PDF 文件", (".pdf",), "document"),
    Format(f"{_OOXML}.wordprocessingml.document", "Word 文件", (".docx", ".docm", ".dotx"), "document"),
    Format("application/msword", "旧版 Word 文件", (".doc", ".wps", ".dot"), "document"),
    Format("application/ofd", "OFD 版式文件", (".ofd",), "document"),
    Format("application/rtf", "RTF 文件", (".rtf",), "document"),
    Format("text/html", "网页", (".html", ".htm"), "document"),
    Format("multipart/related", "网页归档", (".mht", ".mhtml"), "document"),
    Format("text/plain", "文本文件", (".txt", ".text", ".md", ".log"), "text"),
    Format(f"{_OOXML}.spreadsheetml.sheet", "Excel 表格", (".xlsx", ".xlsm"), "table"),
    Format("application/vnd.ms-excel", "旧版 Excel 表格", (".xls", ".et"), "table"),
    Format("text/csv", "CSV 表格", (".csv", ".tsv"), "table"),
    Format("image/jpeg", "JPEG 图片", (".jpg", ".jpeg", ".jpe", ".jfif"), "picture"),
    Format("image/png", "PNG 图片", (".png",), "picture"),
    Format("image/tiff", "TIFF 图片", (".tif", ".tiff"), "picture"),
    Format("image/bmp", "BMP 图片", (".bmp", ".dib"), "picture"),
    Format("image/webp", "WebP 图片", (".webp",), "picture"),
    Format("image/gif", "GIF 图片", (".gif",), "picture"),
    Format("image/heic", "HEIC 图片", (".heic", ".heif"), "picture"),
    Format("application/zip", "ZIP 压缩包", (".zip",), "archive"),
    Format("application/x-7z-compressed", "7z 压缩包", (".7z",), "archive"),
    Format("application/vnd.rar", "RAR 压缩包", (".rar",), "archive"),
    Format("application/x-tar", "TAR 压缩包", (".tar",), "archive"),
    Format("application/gzip", "GZIP 压缩包", (".gz", ".tgz"), "archive"),
    Format("application/x-bzip2", "BZIP2 压缩包", (".bz2", ".tbz2", ".tbz"), "archive"),
    Format("application/x-xz", "XZ 压缩包", (".xz", ".txz"), "archive"),
    Format("application/vnd.oasis.opendocument", "OpenDocument 文件", (".odt", ".ods", ".odp"), "other"),
    Format(f"{_OOXML}.presentationml.presentation", "演示文稿", (".pptx", ".ppsx", ".pptm"), "other"),
    Format("application/vnd.ms-powerpoint", "旧版演示文稿", (".ppt", ".pps", ".dps"), "other"),
    Format("application/x-ole-storage", "旧版 Office 文件", (), "other"),
    Format("message/rfc822", "电子邮件", (".eml",), "other"),
    Format("application/vnd.ms-outlook", "Outlook 邮件", (".msg",), "other"),
    Format("video/mp4", "视频", (".mp4", ".m4v", ".mov"), "other"),
    Format("video/x-msvideo", "视频", (".avi",), "other"),
    Format("audio/mpeg", "音频", (".mp3",), "other"),
    Format("application/x-caj", "CAJ 文件", (".caj", ".kdh", ".nh"), "other"),
    Format("application/x-executable", "可执行程序", (".exe", ".dll", ".msi", ".com"), "other"),
    Format("application/octet-stream", "未知格式", (), "other"),
)

BY_TYPE: dict[str, Format] = {f.media_type: f for f in FORMATS}
BY_EXTENSION: dict[str, Format] = {e: f for f in FORMATS for e in f.extensions}
UNKNOWN = BY_TYPE["application/octet-stream"]


def of_type(media_type: str) -> Format:
    """The format of a media type; UNKNOWN when the table has no such row."""
    return BY_TYPE.get(media_type, UNKNOWN)


def of_name(name: str) -> Format | None:
    """The format that a file name claims, or None when it claims none."""
    dot = name.rfind(".")
    return BY_EXTENSION.get(name[dot:].lower()) if dot >= 0 else None
