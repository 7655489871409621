"use strict";

/* "/" goes to the search box, unless something is being written. Everything else works without script. */
(() => {
  const box = document.querySelector("[data-search] input[type=search]");
  if (!box) return;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = document.activeElement;
    if (at && (at.isContentEditable || /^(?:input|select|textarea)$/iu.test(at.tagName))) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
})();
