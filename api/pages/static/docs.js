"use strict";

/* Draws the description of the interface. No validator, no address but our own. */
(() => {
  const place = document.getElementById("swagger-ui");
  if (!place || typeof SwaggerUIBundle === "undefined") return;

  /** The operations and models without a frame of their own: the page has its main part and its title already. */
  function frameless(system) {
    const draw = system.React.createElement;
    const parts = [["SvgAssets"], ["errors", true], ["AuthorizeBtnContainer", true], ["operations", true], ["Models", true]];
    function Frameless(props) {
      if (props.specSelectors.loadingStatus() === "loading") return draw("p", { role: "status" }, "The description is being read.");
      if (!props.specSelectors.specStr()) return draw("p", { role: "alert" }, "The description could not be read.");
      return draw("div", { className: "swagger-ui" }, parts.map(([name, held]) => draw(props.getComponent(name, held), { key: name })));
    }
    return { components: { Frameless } };
  }

  /** What the drawing leaves out for those who do not see it: levels of headings, names, ways in by keyboard. */
  function mend() {
    for (const [selector, attribute, text] of [
      [".opblock-tag, .models > h4", "aria-level", "2"],
      [".opblock-body :is(h4, h5)", "aria-level", "3"],
      [".opblock-body pre, .highlight-code, .table-container", "tabindex", "0"],
      [".opblock-body select:not([aria-label], [id])", "aria-label", "Choose"],
    ]) {
      for (const one of place.querySelectorAll(selector)) {
        if (one.getAttribute(attribute) !== text) one.setAttribute(attribute, text);
      }
    }
    for (const one of place.querySelectorAll(":is(h3, h4, h5)[aria-level]:not([role])")) one.setAttribute("role", "heading");
  }

  SwaggerUIBundle({
    url: new URL(place.dataset.description, location.origin).href,
    domNode: place,
    deepLinking: false,
    validatorUrl: null,
    queryConfigEnabled: false,
    persistAuthorization: false,
    defaultModelsExpandDepth: 0,
    docExpansion: "list",
    syntaxHighlight: { activated: false },
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [frameless],
    layout: "Frameless",
  });
  new MutationObserver(mend).observe(place, { childList: true, subtree: true });
})();
