"""The embedding model that ``[embedding]`` of a workspace names, for its classifier; what users are told of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from archive_schema.catalogue import Catalogue
from archive_schema.outputs import Probe
from classification.embedding import open_embedder
from classification.semantics import Semantics
from flows.places import Workspace

if TYPE_CHECKING:
    from classification.classifier import Classifier
    from flows.workspace import Opened

#: vectors of the items below the workspace; may be deleted
KEPT = ".embedding"
PROBE = "语义模型"


def semantics_of(workspace: Workspace, catalogue: Catalogue, env: Mapping[str, str] | None = None) -> Semantics | None:
    """None = off. Nothing is opened or sent before it is asked."""
    wanted = workspace.embedding
    if not wanted.wanted:
        return None
    return Semantics(
        lambda: open_embedder(wanted, workspace.path, os.environ if env is None else env),
        catalogue,
        wanted.weight,
        workspace.path / KEPT,
    )


def caution(classifier: Classifier, *, held: bool = False) -> str:
    """What has to be said after the classifier was used, in Chinese; "" when the model answered or there is none.

    :param held: what it said is kept, and made up for later
    """
    fault = classifier.semantics.fault if classifier.semantics is not None else None
    if fault is None:
        return ""
    hint = f";{fault.hint}" if fault.hint else ""
    later = ";模型可用后,下次收件会把缺了它的重新归类" if held else ""
    return f"未用语义模型: {fault.zh}{hint}。归类只凭词语{later}"


def probe(o: Opened) -> Probe:
    """For the doctor: off, answering, or why not; where titles leave the machine it is said."""
    semantics = o.classifier.semantics
    if semantics is None:
        return Probe(PROBE, True, "未启用;归类只凭词语,标题不离开本机")
    if not semantics.ready():
        fault = semantics.fault
        why = f"{fault.zh}{f';{fault.hint}' if fault.hint else ''}" if fault else ""
        return Probe(PROBE, False, f"用不了: {why};归类暂只凭词语")
    sent = f";材料的标题会发送到 {o.workspace.embedding.endpoint}(正文不发送)" if o.workspace.embedding.endpoint else ""
    return Probe(PROBE, True, f"{semantics.place},权重 {o.workspace.embedding.weight:g}{sent}")
