"use strict";
// Only filters what is on the page. The filter stands in the address after "#", so that a view can be bookmarked.
(function () {
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const form = document.getElementById("filters");
  const note = document.getElementById("filter-note");
  const rows = all("tr[data-units]");
  const units = all("#units article");
  const loose = all("[data-loose]"); // files without a place: unplaced, sent back, kept out
  document.documentElement.classList.add("has-js");

  const details = new Map(all("details.item").map((d) => [d.id, d]));
  let texts = null; // of each item with its files, made when the first search needs it
  const textOf = (row) => {
    if (texts === null) {
      texts = new Map(rows.map((r) => {
        const detail = details.get(r.dataset.item);
        return [r.dataset.item, (r.textContent + " " + r.dataset.units + " " + (detail ? detail.textContent : "")).toLowerCase()];
      }));
    }
    return texts.get(row.dataset.item);
  };

  const wanted = () => ({
    unit: form.elements.unit.value,
    states: all("input[name=state]:checked", form).map((i) => i.value),
    words: form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean),
  });

  function apply() {
    const { unit, states, words } = wanted();
    const filtered = Boolean(unit || states.length || words.length);
    const visible = new Set();
    for (const row of rows) {
      const has = row.dataset.states.trim().split(" ");
      const show = (!unit || row.dataset.units.includes("|" + unit + "|")) &&
        (!states.length || states.some((s) => has.includes(s))) &&
        (!words.length || words.every((w) => textOf(row).includes(w)));
      row.hidden = !show;
      if (show) visible.add(row.dataset.item);
    }
    const off = (state) => states.length > 0 && !states.includes(state);
    for (const cell of all("#matrix a.cell")) cell.classList.toggle("off", off(cell.dataset.state));
    for (const tr of all("tr[data-content]")) {
      let next = tr.nextElementSibling;
      tr.hidden = true;
      for (; next && next.dataset.item; next = next.nextElementSibling) if (!next.hidden) tr.hidden = false;
    }
    for (const detail of details.values()) detail.hidden = !visible.has(detail.id);
    for (const group of all("[data-group]")) group.hidden = !all("[data-item]", group).some((e) => !e.hidden);
    for (const article of units) {
      let left = 0;
      for (const tr of all("tr", article)) {
        tr.hidden = !visible.has(tr.dataset.item) || off(tr.dataset.state);
        if (!tr.hidden) left += 1;
      }
      article.hidden = filtered && left === 0;
    }
    let found = 0;
    for (const file of loose) {
      const text = (file.textContent + " " + file.dataset.loose).toLowerCase();
      file.hidden = Boolean(unit && file.dataset.loose !== unit) || !words.every((w) => text.includes(w));
      if (!file.hidden) found += 1;
    }
    const beside = (unit || words.length) && found ? "，另有 " + found + " 件在“未归类”或“隔离与等待”" : "";
    document.querySelector(".nothing").hidden = visible.size > 0;
    document.getElementById("shown").textContent = filtered ? "显示 " + visible.size + " / " + rows.length + " 项" + beside : rows.length + " 项";
    const names = states.map((s) => form.querySelector("input[value=" + s + "]").parentNode.textContent.trim());
    note.textContent = "已筛选：" + [unit && "责任单位 " + unit, names.length && "状态 " + names.join("、"), words.length && "查找 " + words.join(" ")].filter(Boolean).join("；");
    note.hidden = !filtered;
  }

  function remember() {
    const { unit, states } = wanted();
    const parts = new URLSearchParams();
    if (unit) parts.set("unit", unit);
    if (states.length) parts.set("state", states.join(","));
    if (form.elements.q.value) parts.set("q", form.elements.q.value);
    try { history.replaceState(null, "", "#" + parts.toString()); } catch (e) { /* a local page may be denied this */ }
  }

  function set(text) {
    const parts = new URLSearchParams(text);
    const states = (parts.get("state") || "").split(",");
    form.elements.unit.value = parts.get("unit") || "";
    if (form.elements.unit.selectedIndex < 0) form.elements.unit.value = "";
    for (const box of all("input[name=state]", form)) box.checked = states.includes(box.value);
    form.elements.q.value = parts.get("q") || "";
    apply();
  }

  function follow() {
    const hash = location.hash.slice(1);
    if (/^(unit|state|q)=/.test(hash)) { set(hash); return; }
    const target = hash && document.getElementById(hash);
    if (!target) return;
    const detail = target.closest("details");
    if (detail) {
      if (detail.hidden) { form.reset(); apply(); }
      detail.open = true;
      target.scrollIntoView();
    }
  }

  form.addEventListener("submit", (e) => e.preventDefault());
  form.addEventListener("input", () => { apply(); remember(); });
  form.addEventListener("reset", () => setTimeout(() => { apply(); remember(); }, 0));
  for (const button of all("button[data-open]")) {
    button.addEventListener("click", () => { for (const d of details.values()) if (!d.hidden) d.open = Boolean(button.dataset.open); });
  }
  for (const link of all("a[data-filter]")) {
    link.addEventListener("click", () => { set(link.dataset.filter); });
  }
  window.addEventListener("hashchange", follow);
  apply();
  follow();
})();
