"use strict";

/* Small behaviours that several pages share. Every page works without them. */
(() => {
  /** Says something to a screen reader without moving the focus. */
  function announce(text) {
    const place = document.getElementById("announcer");
    if (!place) return;
    place.textContent = "";
    requestAnimationFrame(() => { place.textContent = text; });
  }

  /** Copies the text of the element that `data-copy` names. */
  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    if (!source) return;
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      announce("Copied.");
    } catch {
      announce("Could not copy. Select the text and copy it by hand.");
    }
  }

  /** Lights everything that shares a word of `data-ties` with what is hovered or focused. */
  function tie(event) {
    const origin = event.target instanceof Element ? event.target.closest("[data-ties]") : null;
    const wanted = new Set((origin?.dataset.ties ?? "").split(/\s+/u).filter(Boolean));
    for (const one of document.querySelectorAll("[data-ties]")) {
      const isTied = one.dataset.ties.split(/\s+/u).some((word) => wanted.has(word));
      one.classList.toggle("lit", isTied);
    }
  }

  /** Opens what encloses the target of a link, so that it can be seen. */
  function reveal() {
    const name = decodeURIComponent(location.hash.slice(1));
    for (let one = name && document.getElementById(name); one; one = one.parentElement) {
      if (one instanceof HTMLDetailsElement) one.open = true;
    }
  }

  /** A box that scrolls sideways can be reached by keyboard, and says what it is. */
  function scrollable() {
    for (const box of document.querySelectorAll(".table-box, pre")) {
      if (box.scrollWidth > box.clientWidth && !box.hasAttribute("tabindex")) {
        box.tabIndex = 0;
        box.setAttribute("role", "region");
        const caption = box.querySelector("caption")?.textContent?.trim();
        if (!box.hasAttribute("aria-label")) box.setAttribute("aria-label", caption || "Scrolls sideways");
      }
    }
  }

  /** A form that was sent says so until the next page is there; a download brings none. */
  function busy(event) {
    const to = event.submitter?.formAction || event.target.action;
    if (event.defaultPrevented || !/\/workbench\/(?!download$)/u.test(to)) return;
    event.submitter?.setAttribute("aria-busy", "true");
    announce("It was sent. The answer may take a few seconds.");
  }

  document.documentElement.classList.add("scripted");
  document.addEventListener("submit", busy);
  window.addEventListener("pageshow", () => {
    for (const one of document.querySelectorAll("button[aria-busy]")) one.removeAttribute("aria-busy");
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    if (button) copy(button);
    if (event.target instanceof Element && event.target.closest("[data-print]")) window.print();
  });
  if (document.querySelector("[data-ties]")) {
    for (const kind of ["pointerover", "focusin"]) document.addEventListener(kind, tie);
  }
  window.addEventListener("hashchange", reveal);
  window.addEventListener("resize", scrollable);
  document.addEventListener("toggle", scrollable, true);
  reveal();
  scrollable();
  window.workbench = Object.freeze({ announce, reveal, scrollable });
})();
