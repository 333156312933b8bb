from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from intake.filetype import true_type
from tests.intake import make

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def put(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def saved(kind: str) -> bytes:
    out = io.BytesIO()
    make.photo((20, 20)).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("a.bin", b"%PDF-1.7\n", "application/pdf"),
        ("a.bin", b"\r\n\xef\xbb\xbf%PDF-1.4", "application/pdf"),
        ("a.bin", b"7z\xbc\xaf\x27\x1c00", "application/x-7z-compressed"),
        ("a.bin", b"Rar!\x1a\x07\x01\x00", "application/vnd.rar"),
        ("a.bin", b"\x1f\x8b\x08", "application/gzip"),
        ("a.bin", b"{\\rtf1\\ansi", "application/rtf"),
        ("a.bin", b"MZ\x90\x00", "application/x-executable"),
        ("a.bin", b"\0\0\0\x18ftypheic", "image/heic"),
        ("a.bin", b"\0\0\0\x18ftypisom", "video/mp4"),
        ("a.bin", b"RIFF1234AVI LIST", "video/x-msvideo"),
        ("a.bin", b"CAJ\x00abc", "application/x-caj"),
        ("a.bin", b"x" * 257 + b"ustar\x0000", "application/x-tar"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", "text/html"),
        ("a.doc", b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n", "multipart/related"),
        ("a.bin", b"Received: x\r\nFrom: a@b\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed\r\n\r\nx", "message/rfc822"),
        ("a.eml", "From: a@b\nSubject: 报送\n\n附件".encode(), "message/rfc822"),
        ("a.txt", "From: a@b\nSubject: 报送\n\n附件".encode(), "text/plain"),
        ("a.eml", "普通文字".encode(), "text/plain"),
        ("a.txt", "普通文字".encode(), "text/plain"),
        ("a.txt", "普通文字".encode("gb18030"), "text/plain"),
        ("a.csv", "甲,乙\n1,2\n".encode("utf-16"), "text/csv"),
        ("a.csv", "甲,乙\n1,2\n".encode("gb18030"), "text/csv"),
        ("a.unknown", b"\x00\x01\x02\xff" * 100, "application/octet-stream"),
        ("noname", "没有扩展名的文字".encode(), "text/plain"),
    ],
)
def test_content_decides_the_type(tmp_path: Path, name: str, data: bytes, media_type: str) -> None:
    assert true_type(put(tmp_path / name, data), name) == media_type


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("GIF", "image/gif"),
    ("BMP", "image/bmp"), ("TIFF", "image/tiff"), ("WEBP", "image/webp")])  # fmt: skip
def test_real_pictures_are_told_by_content(tmp_path: Path, kind: str, media_type: str) -> None:
    assert Image.open(io.BytesIO(saved(kind))).format == kind
    assert true_type(put(tmp_path / "x.pdf", saved(kind)), "x.pdf") == media_type


def test_containers_are_told_apart_by_their_directory(tmp_path: Path) -> None:
    assert true_type(make.docx(tmp_path / "a.zip", ["字"]), "a.zip") == DOCX
    assert true_type(make.xlsx(tmp_path / "b.docx", {"表": [["字"]]}), "b.docx") == XLSX
    assert true_type(make.zipped(tmp_path / "c.docx", {"word.txt": b"1"}), "c.docx") == "application/zip"
    assert true_type(make.zipped(tmp_path / "d.zip", {"OFD.xml": b"<ofd/>"}), "d.zip") == "application/ofd"


def test_a_container_cut_off_is_still_known_by_its_first_members(tmp_path: Path) -> None:
    whole = make.docx(tmp_path / "a.docx", ["字"] * 100).read_bytes()
    assert true_type(put(tmp_path / "b.docx", whole[: len(whole) // 2]), "b.docx") == DOCX
    assert true_type(put(tmp_path / "c.zip", b"PK\x03\x04" + bytes(30)), "c.zip") == "application/zip"


def test_ole_files_are_told_apart_by_their_streams(tmp_path: Path) -> None:
    assert true_type(make.ole(tmp_path / "a", "WordDocument"), "a.xls") == "application/msword"
    assert true_type(make.ole(tmp_path / "b", "Workbook"), "b.doc") == "application/vnd.ms-excel"
    assert true_type(make.ole(tmp_path / "c", "PowerPoint Document"), "c.ppt") == "application/vnd.ms-powerpoint"
    assert true_type(make.ole(tmp_path / "m", "__properties_version1.0"), "m.msg") == "application/vnd.ms-outlook"
    assert true_type(make.ole(tmp_path / "d", "EncryptedPackage", "EncryptionInfo"), "d.docx") == DOCX
    assert true_type(make.ole(tmp_path / "e", "Other"), "e.doc") == "application/x-ole-storage"
    assert true_type(put(tmp_path / "f", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "f.doc") == "application/msword"
    assert true_type(tmp_path / "f", "f.bin") == "application/x-ole-storage"
