"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const form = document.querySelector(".filters");
  const hint = form.querySelector(".hint");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const visible = (element) => element.getClientRects().length > 0;

  function filter() {
    const verdicts = new Set(all("[name=verdict]:checked", form).map((box) => box.value));
    const tier = form.elements.tier.value;
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (element) => {
      const text = (element.dataset.text + " " + element.textContent).toLowerCase();
      return words.every((word) => text.includes(word));
    };
    for (const section of all("[data-tier]")) {
      section.hidden = tier !== "" && section.dataset.tier !== tier;
    }
    for (const part of all("main [data-verdict]")) {
      const items = all("[data-text]", part);
      for (const item of items) item.hidden = !matches(item);
      const empty = items.length > 0 ? items.every((item) => item.hidden) : !matches(part);
      part.hidden = !verdicts.has(part.dataset.verdict) || empty;
      // Who looks for something wants to see it.
      if (part.matches("details.kept") && words.length > 0) part.open = !empty;
    }
    for (const row of all("#isolation [data-text]")) row.hidden = !matches(row);
    for (const entry of all("nav [data-of]")) {
      entry.hidden = document.getElementById(entry.dataset.of).hidden;
    }
    report();
  }

  function report() {
    const files = all(".file").filter((file) => !file.hidden && !file.closest("[hidden]"));
    const done = files.filter((file) => file.querySelector(".viewed input").checked);
    hint.textContent = files.length + " files shown, " + done.length + " viewed";
  }

  function tick(file) {
    const done = file.querySelector(".viewed input").checked;
    file.querySelector("details").open = !done;
    const entry = document.querySelector('nav [data-of="' + file.id + '"]');
    if (entry) entry.classList.toggle("done", done);
    report();
  }

  const current = () => document.activeElement.closest(".stop");

  function walk(step, from = current()) {
    const stops = all(".stop").filter(visible);
    if (stops.length === 0) return;
    const isAfter = (stop) => from === null
      ? stop.getBoundingClientRect().top > 60
      : from.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_FOLLOWING;
    const found = stops.findIndex(isAfter);
    const after = found < 0 ? stops.length : found;
    const next = step > 0 ? after : after - (stops.includes(from) ? 2 : 1);
    const stop = stops[Math.max(0, Math.min(next, stops.length - 1))];
    stop.focus({ preventScroll: true });
    stop.scrollIntoView({ block: "center" });
  }

  // A link to something in a closed part opens it.
  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let part = target; part; part = part.parentElement) {
      if (part instanceof HTMLDetailsElement) part.open = true;
    }
    if (target) target.scrollIntoView();
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("hashchange", reveal);
  for (const file of all(".file")) {
    file.querySelector(".viewed input").addEventListener("change", () => tick(file));
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input[type=search], select, textarea");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "j") walk(1);
    else if (event.key === "k") walk(-1);
    else if (event.key === "/") form.elements.text.focus();
    else if (event.key === "v") {
      const from = current();
      const file = from && from.closest(".file");
      if (!file) return;
      // A file that is closed takes its places, and the focus, away.
      const box = file.querySelector(".viewed input");
      box.checked = !box.checked;
      tick(file);
      walk(1, from);
    } else return;
    event.preventDefault();
  });
  report();
  reveal();
})();
