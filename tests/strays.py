"""What somebody else puts into a store, under names that no command of ours would give."""

from __future__ import annotations

import io

from storage.folder import FolderStore
from storage.objects import ObjectStore
from storage.s3 import S3Store

#: names that are no keys
NO_KEYS = (
    "cycles/2026 (1)/HEAD.json",
    "cycles/c1/manifest/.DS_Store",
    "derived/.DS_Store",
    "objects/sha256/.DS_Store",
    "objects/sha256/ab c",
    "objects/sha256/新建 文件夹/x",
    "objects/~x",
    "reports/audit/复件 x.json",
    "reports/coverage/x (1).json",
    "reports/validation/x (1).json",
)
#: names that are keys, and that nothing of ours has
NOT_OURS = (
    "cycles/Thumbs.db",
    "cycles/a@b/HEAD.json",
    "cycles/c1/manifest/Thumbs.db",
    "derived/Thumbs.db",
    "objects/sha256/00/Thumbs.db",
    "reports/audit/zzz.json",
    "reports/coverage/Thumbs.db",
    "reports/coverage/zzz.json",
    "reports/validation/zzz.json",
)


def put(store: ObjectStore, name: str, data: bytes = b"x") -> None:
    if isinstance(store, FolderStore):
        path = store.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    else:
        assert isinstance(store, S3Store)
        store._client.put_object(
            bucket_name=store._bucket, object_name=store._prefix + name, data=io.BytesIO(data), length=len(data)
        )


def remove(store: ObjectStore, name: str) -> None:
    if isinstance(store, FolderStore):
        (store.root / name).unlink()
    else:
        assert isinstance(store, S3Store)
        store._client.remove_object(bucket_name=store._bucket, object_name=store._prefix + name)


def told_as(store: ObjectStore, name: str) -> str:
    """The name under which it is told: in a folder, the first folder that has no name of ours stands for what is in it."""
    if isinstance(store, FolderStore) and " " in name.rpartition("/")[0]:
        return name.rpartition("/")[0] + "/"
    return name
