"use strict";

/* Puts YASGUI over the plain form, with our endpoint and no other, and lets worked questions fill it. */
(() => {
  const place = document.getElementById("yasgui");
  const box = document.getElementById("query");
  const form = document.getElementById("plain-form");
  const now = document.getElementById("worked-now");
  const links = [...document.querySelectorAll("[data-worked]")];
  if (!place || !box || !form) return;

  const endpoint = new URL(place.dataset.endpoint, location.origin).href;
  const prefixes = JSON.parse(place.dataset.prefixes);
  const gui = typeof Yasgui === "undefined" ? null : editor();
  if (gui) {
    form.open = false;
    document.getElementById("editor-keys").hidden = false;
  }
  for (const link of links) link.addEventListener("click", (event) => choose(event, link));
  const chosen = links.find((link) => link.hasAttribute("aria-current"));
  if (chosen && gui) fill(chosen.dataset.query);
  place.addEventListener("click", follow);

  /**
   * The column resizer writes its rules into a style element, which the policy of the page forbids; they stand in
   * sparql.css. It writes nothing where an element with its mark is already there, so one is laid out for it
   * that bears the name and is no style element.
   */
  function resizerIsStyled() {
    const mark = document.createElementNS("urn:mark", "style");
    mark.gripid = "573462389";
    document.head.append(mark);
  }

  /** The editor: one endpoint, nothing shared, no completion from elsewhere. */
  function editor() {
    const { Yasqe, Yasr } = Yasgui;
    resizerIsStyled();
    completeFromHere(Yasqe);
    Yasr.defaults.errorRenderers = [told];
    const made = new Yasgui(place, {
      autofocus: false,
      corsProxy: undefined,
      populateFromUrl: false,
      copyEndpointOnNewTab: false,
      persistenceId: "spine-sparql",
      requestConfig: {
        endpoint,
        method: "POST",
        acceptHeaderGraph: "text/turtle",
        acceptHeaderSelect: "application/sparql-results+json",
      },
      endpointCatalogueOptions: { getData: () => [] },
      yasqe: {
        value: box.value,
        createShareableLink: null,
        createShortLink: null,
        prefixCcApi: null,
        extraKeys: { Tab: false, "Shift-Tab": false, Esc: leave },
      },
      yasr: { prefixes },
    });
    for (const id of Object.keys(made._tabs)) prepare(made._tabs[id]);
    made.on("tabAdd", (_gui, id) => setTimeout(() => prepare(made.getTab(id))));
    made.on("tabSelect", (_gui, id) => setTimeout(() => prepare(made.getTab(id))));
    made.on("query", () => {
      workbench.announce("The question is running.");
      setTimeout(() => place.querySelector(".yasqe_queryButton.busy")?.setAttribute("aria-label", "Stop"));
    });
    made.on("queryResponse", (_gui, tab) => setTimeout(() => answered(tab), 50));
    return made;
  }

  /** Words are completed from our own knowledge; the completers that would ask elsewhere are gone. */
  function completeFromHere(Yasqe) {
    const starting = (words) => async (_yasqe, token) => {
      const begun = token?.autocompletionString || token?.string || "";
      return (await words()).filter((word) => word.startsWith(begun)).slice(0, 100);
    };
    const used = "SELECT DISTINCT ?term WHERE { ?s ?term ?o } ORDER BY ?term";
    const kinds = "SELECT DISTINCT ?term WHERE { { ?s a ?term } UNION { ?term a owl:Class } FILTER (isIRI(?term)) } ORDER BY ?term";
    const owl = `PREFIX owl: <${prefixes.owl}> `;
    const own = ["own-prefixes", "own-properties", "own-classes", "variables"];
    Yasqe.forkAutocompleter("prefixes", {
      name: own[0],
      persistenceId: null,
      get: () => Promise.resolve(Object.entries(prefixes).map(([name, iri]) => `${name}: <${iri}>`)),
    });
    Yasqe.forkAutocompleter("property", { name: own[1], persistenceId: null, get: starting(once(() => terms(used))) });
    Yasqe.forkAutocompleter("class", { name: own[2], persistenceId: null, get: starting(once(() => terms(owl + kinds))) });
    for (const name of Object.keys(Yasqe.Autocompleters)) {
      if (!own.includes(name)) delete Yasqe.Autocompleters[name];
    }
    Yasqe.defaults.autocompleters = own;
  }

  /** Terms that a question of our own finds; none, if it fails. */
  async function terms(query) {
    try {
      const answer = await fetch(endpoint, {
        method: "POST",
        headers: { Accept: "application/sparql-results+json", "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ query }).toString(),
      });
      if (!answer.ok) return [];
      return (await answer.json()).results.bindings.map((row) => row.term.value);
    } catch {
      return [];
    }
  }

  function once(make) {
    let made;
    return () => (made ??= make());
  }

  /** What a tab was asked elsewhere or long ago does not decide where it asks now. */
  function prepare(tab) {
    if (!tab) return;
    tab.setEndpoint(endpoint);
    const field = tab.getYasqe()?.getInputField();
    field?.setAttribute("aria-label", "Query, in SPARQL");
    field?.setAttribute("aria-describedby", "editor-keys");
    name();
  }

  /** Names that the editor leaves out, for those who do not see it. */
  function name() {
    const wanted = [
      [".tabsList", "aria-label", "Questions"],
      [".addTab", "aria-label", "New question"],
      [".addTab", "title", "New question"],
      [".addTab", "role", "tab"],
      [".addTab", "aria-selected", "false"],
      [".closeTab", "title", "Close this question"],
      [".yasqe_queryButton", "aria-label", "Run query"],
      [".tableFilter", "aria-label", "Filter the rows"],
      [".tableFilter", "placeholder", "Filter the rows"],
      [".tableSizer", "aria-label", "Rows on a page"],
      [".yasr_results", "tabindex", "0"],
      [".yasr_results", "role", "region"],
      [".yasr_results", "aria-label", "Results"],
    ];
    for (const [selector, attribute, text] of wanted) {
      for (const one of place.querySelectorAll(selector)) one.setAttribute(attribute, text);
    }
    for (const title of place.querySelectorAll("th .dt-column-title:empty")) {
      const word = document.createElement("span");
      word.className = "visually-hidden";
      word.textContent = "Row";
      title.append(word);
    }
  }

  /** Escape leaves the editor for the button that runs the question. */
  function leave(yasqe) {
    const button = yasqe.getWrapperElement().querySelector(".yasqe_queryButton");
    if (button) button.focus();
    else yasqe.getInputField().blur();
  }

  function fill(text) {
    box.value = text;
    if (!gui) return;
    const tab = gui.getTab() ?? gui.addTab(true);
    tab.setQuery(text);
  }

  /** A worked question in the editor, with what it is about above it. */
  function choose(event, link) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    for (const one of links) one.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    now.querySelector("h3").textContent = link.textContent.trim();
    now.querySelector("p").textContent = link.dataset.about;
    now.hidden = false;
    fill(link.dataset.query);
    history.replaceState(null, "", link.href);
    workbench.announce(`${link.textContent.trim()}: the question is in the editor.`);
    const run = gui && place.querySelector(".tabPanel.active .yasqe_queryButton");
    (run || box).focus();
    (run || box).scrollIntoView({ block: "center" });
  }

  /** An IRI of our own is read here, and not fetched from elsewhere. */
  function follow(event) {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    const root = place.dataset.root;
    if (!link || !link.href.startsWith(root)) return;
    link.href = `/id/${link.href.slice(root.length).replace("#", "/")}`;
  }

  function answered(tab) {
    name();
    const count = tab.getYasr()?.results?.getBindings()?.length;
    const failed = tab.getYasr()?.results?.hasError();
    place.querySelector(".tabPanel.active .yasr")?.scrollIntoView({ block: "nearest" });
    workbench.announce(failed ? "The question was refused." : count === undefined ? "There is an answer." : `${count} rows.`);
  }

  /** A problem as the server tells it: what, where, how to mend it. */
  async function told(error) {
    let problem;
    try {
      problem = JSON.parse(error.text);
    } catch {
      return undefined;
    }
    const place_ = document.createElement("div");
    place_.className = "problem";
    for (const [tag, text] of [
      ["strong", problem.title],
      ["p", problem.detail],
      ["p", problem.mend],
      ["code", problem.code],
    ]) {
      if (typeof text !== "string" || !text) continue;
      const part = document.createElement(tag);
      part.textContent = text;
      place_.append(part);
    }
    return place_.childElementCount ? place_ : undefined;
  }
})();
