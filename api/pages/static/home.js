"use strict";

/* The box for a case: a file is read here and sent only when asked; a problem leads to its line. */
(() => {
  const box = document.getElementById("case");
  const said = document.querySelector("[data-case-said]");
  const policy = document.querySelector("[data-policy]");
  const limit = Number(box?.dataset.limit ?? 0);

  function say(text, isOver = false) {
    if (!said) return;
    said.textContent = text;
    said.classList.toggle("over", isOver);
  }

  function bytes(text) {
    return new TextEncoder().encode(text).length;
  }

  /** Puts the text of a file into the box; nothing leaves the page. */
  async function take(file) {
    if (file.size > limit) {
      say(`${file.name} has ${file.size.toLocaleString("en")} bytes, which is more than a case may have.`, true);
      return;
    }
    try {
      box.value = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    } catch {
      say(`${file.name} is not text in UTF-8. Save it as UTF-8.`, true);
      return;
    }
    box.dispatchEvent(new Event("input", { bubbles: true }));
    say(`${file.name} is in the box: ${bytes(box.value).toLocaleString("en")} bytes. It has not been sent.`);
    box.focus();
    box.setSelectionRange(0, 0);
    box.scrollTop = 0;
  }

  /** Selects a line of the box and brings it into view. */
  function select(line) {
    const lines = box.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    box.focus({ preventScroll: true });
    box.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
    const height = parseFloat(getComputedStyle(box).lineHeight) || 20;
    box.scrollTop = Math.max(0, (line - 1) * height - box.clientHeight / 2);
    box.scrollLeft = 0;
    box.scrollIntoView({ block: "center" });
  }

  /** What the chosen policy is, from the list at the foot of the page. */
  function tell() {
    const place = document.querySelector("[data-policy-said]");
    const found = document.querySelector(`[data-policy-of="${CSS.escape(policy.value)}"]`);
    if (!place || !found) return;
    place.replaceChildren(...[...found.children].map((one) => one.cloneNode(true)));
    place.hidden = false;
  }

  if (box) {
    const drop = document.querySelector("[data-drop]");
    for (const kind of ["dragenter", "dragover"]) {
      drop?.addEventListener(kind, (event) => {
        if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
        event.preventDefault();
        drop.classList.add("over");
      });
    }
    for (const kind of ["dragleave", "dragend", "drop"]) drop?.addEventListener(kind, () => drop.classList.remove("over"));
    drop?.addEventListener("drop", (event) => {
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      take(file);
    });
    document.querySelector("[data-file]")?.addEventListener("change", (event) => {
      if (event.target.files[0]) take(event.target.files[0]);
    });
    box.addEventListener("input", () => {
      const size = box.value.length * 3 > limit ? bytes(box.value) : 0;
      if (size > limit) say(`${size.toLocaleString("en")} bytes: more than a case may have.`, true);
      else say("");
      box.setCustomValidity(size > limit ? "The case is too large." : "");
    });
  }

  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-line]") : null;
    if (!link || !box) return;
    event.preventDefault();
    select(Number(link.dataset.line));
  });
  if (policy) {
    policy.addEventListener("change", tell);
    tell();
  }

  /** Between so many and so many policies: what is ticked is counted, and what would be too many is held back. */
  const picking = document.querySelector("[data-compare]");
  function count() {
    const ticks = [...picking.querySelectorAll('input[name="policy"]')];
    const [least, most, now] = [Number(picking.dataset.least), Number(picking.dataset.most), ticks.filter((one) => one.checked).length];
    for (const one of ticks) one.disabled = now >= most && !one.checked;
    picking.querySelector("[data-picked]").textContent = `${now} chosen${now < least ? `; at least ${least} are needed` : now >= most ? "; that is all there is room for" : ""}.`;
    ticks[0].setCustomValidity(now < least ? `Choose at least ${least} policies.` : "");
    const isSeed = Boolean(picking.querySelector("[data-seed]").value);
    box.required = !isSeed;
    box.closest("[data-drop]").hidden = isSeed;
  }
  if (picking) {
    picking.addEventListener("change", count);
    count();
  }

  const findings = document.querySelector("[data-findings]");
  findings?.focus({ preventScroll: false });
})();
