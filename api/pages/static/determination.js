"use strict";

/* Ties levels, statements, criteria and claims together: what is pointed at in one place is lit in the others.
   The page works without it: every tie is a link as well. */
(() => {
  const KINDS = ["level", "evidence", "criterion", "claim"];
  const SELECTOR = KINDS.map((kind) => `[data-${kind}]`).join(",");

  /** Every word of every tie, with the elements that carry it. */
  const carriers = new Map();
  for (const one of document.querySelectorAll(SELECTOR)) {
    for (const word of words(one)) {
      if (!carriers.has(word)) carriers.set(word, []);
      carriers.get(word).push(one);
    }
  }
  let lit = new Set();
  let origin = null;

  function words(one) {
    return KINDS.flatMap((kind) => (one.dataset[kind] ?? "").split(/\s+/u).filter(Boolean).map((word) => `${kind} ${word}`));
  }

  /** Of a statement under a criterion: that criterion, and the claims under it. */
  function above(one) {
    const criterion = one.matches(".fact") && one.closest("[data-criterion]");
    return criterion ? words(criterion).filter((word) => /^(?:criterion|claim) /u.test(word)) : [];
  }

  /** Whether an element is a level itself: in the drawing or its table. Others only stand at levels. */
  function isLevel(one) {
    return one.matches(".level, tr[data-level]");
  }

  /** Lights what shares a word with an element; that two things stand at one level ties neither to the other. */
  function light(one) {
    if (one === origin) return;
    origin = one;
    const wanted = new Set();
    for (const word of one ? [...words(one), ...above(one)] : []) {
      for (const other of carriers.get(word)) {
        const tied = !word.startsWith("level ") || isLevel(one) || isLevel(other);
        if (tied && other !== one && !other.contains(one)) wanted.add(other);
      }
    }
    for (const other of lit) if (!wanted.has(other)) other.classList.remove("lit");
    for (const other of wanted) other.classList.add("lit");
    lit = wanted;
  }

  function point(event) {
    const target = event.target instanceof Element ? event.target : null;
    light(target?.closest(SELECTOR) ?? null);
  }

  for (const kind of ["pointerover", "focusin", "click"]) document.addEventListener(kind, point);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") light(null); });

  /** A level of the drawing leads to its row of the table, which is opened for it. */
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest(".spine a") : null;
    const row = link && document.getElementById(decodeURIComponent(link.getAttribute("href").slice(1)));
    if (row) row.closest("details").open = true;
  });

  /** Paper shows what is folded: opened before printing, and folded again after. */
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.level-table:not([open]), details.more:not([open])")];
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of opened) one.open = false; });

  const changed = document.getElementById("changed");
  if (changed && !location.hash) changed.focus({ preventScroll: false });
})();
