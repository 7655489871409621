"use strict";

/* Draws the form that its description tells of, and writes what is filled in as plain JSON-LD. All of it stays in the page. */
(async () => {
  const place = document.querySelector("[data-form]");
  const box = document.getElementById("case");
  if (!place || !box) return;
  const listed = document.querySelector("[data-problems]");
  const reply = await fetch(place.dataset.description, { headers: { Accept: "application/json" } });
  if (!reply.ok) { place.textContent = "The form could not be fetched. Load the page again, or write the case by hand."; return; }
  const known = await reply.json();
  const [SHORT, MOST] = [15, 60];
  const nodes = new Set();
  const stems = new Map();
  let serial = 0;
  let waiting = 0;

  const unique = (stem) => `${stem}-${++serial}`;
  const words = (text) => text.toLowerCase().replace(/[^a-z0-9]+/gu, " ").trim();
  function h(tag, attributes = {}, ...inside) {
    const one = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) one.addEventListener(name.slice(2), value);
      else if (value !== false && value !== undefined) one.setAttribute(name, value === true ? "" : value);
    }
    one.append(...inside.filter(Boolean));
    return one;
  }

  /* Choosing ── a box in which one types, and a list under it. */
  function combobox(find, picked = () => {}) {
    const list = h("ul", { role: "listbox", id: unique("list"), class: "options", hidden: true, "aria-label": "Choices" });
    const input = h("input", { type: "text", role: "combobox", id: unique("field"), autocomplete: "off", spellcheck: "false",
      "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id });
    let [found, active, chosen, turn] = [[], -1, null, 0];
    function mark(next) {
      active = next;
      [...list.children].forEach((one, index) => one.setAttribute("aria-selected", String(index === active)));
      if (active < 0) input.removeAttribute("aria-activedescendant");
      else { input.setAttribute("aria-activedescendant", list.children[active].id); list.children[active].scrollIntoView({ block: "nearest" }); }
    }
    function open(isOpen) {
      list.hidden = !isOpen;
      input.setAttribute("aria-expanded", String(isOpen));
      if (!isOpen) mark(-1);
    }
    function take(one) {
      chosen = one;
      input.value = one ? one.label : "";
      input.setCustomValidity("");
      open(false);
      picked(one);
      changed();
    }
    function show(rows) {
      found = rows;
      list.replaceChildren(...rows.map((one, index) => h("li", { role: "option", id: unique("option"), "aria-selected": "false",
        onpointerdown: (event) => { event.preventDefault(); take(found[index]); } },
      h("span", {}, one.label), one.hint ? h("span", { class: "small muted" }, one.hint) : null)));
      open(rows.length > 0);
      if (document.activeElement === input) workbench.announce(rows.length ? `${rows.length} to choose from.` : "Nothing found.");
    }
    async function look() {
      const mine = ++turn;
      for await (const rows of find(input.value.trim())) if (mine === turn && document.activeElement === input) show(rows);
    }
    function leave() {
      turn += 1;
      const exact = found.find((one) => words(one.label) === words(input.value));
      if (!chosen && exact && input.value) take(exact);
      open(false);
      input.setCustomValidity(input.value && !chosen ? "Choose one from the list." : "");
      changed();
    }
    input.addEventListener("input", () => { chosen = null; look(); });
    input.addEventListener("blur", leave);
    input.addEventListener("keydown", (event) => {
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (event.key in steps) {
        event.preventDefault();
        if (list.hidden) look();
        else mark((active + steps[event.key] + found.length) % found.length);
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        if (found[Math.max(active, 0)]) take(found[Math.max(active, 0)]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        open(false);
      }
    });
    return { input, element: h("div", { class: "combobox" }, input, list), value: () => chosen?.name, set: (name, label) => { chosen = { name, label }; input.value = label; } };
  }

  /** Choices whose label or other words hold the text: those that begin with it come first. */
  function among(rows, text) {
    const sought = words(text);
    const rank = (one) => Math.min(...[one.label, one.name, ...(one.also ?? [])].map((each, index) => {
      const at = words(each).indexOf(sought);
      return at < 0 ? 9 : (words(each) === sought ? 0 : at === 0 ? 1 : 2) + (index > 1 ? 0.5 : 0);
    }));
    return rows.map((one) => [rank(one), one]).filter(([near]) => near < 9).sort((one, other) => one[0] - other[0]).slice(0, MOST)
      .map(([, one]) => ({ ...one, hint: [one.kind, one.also?.slice(0, 3).join(", ")].filter(Boolean).join(" · ") }));
  }

  /** Classes by their own words at once, then by what a note says, as the server finds it. */
  async function* classes(path, shape, text) {
    const mine = Object.entries(known.classes).filter(([, one]) => one.shapes.includes(shape)).map(([name, one]) => ({ name, ...one }));
    const near = among(mine, text);
    yield near;
    if (text.length < 3) return;
    // In the body, as words of a note have no business in an address.
    const answer = await fetch(place.dataset.terms, { method: "POST", body: new URLSearchParams({ of: path, q: text }) }).catch(() => null);
    if (!answer?.ok) return;
    const said = (await answer.json()).found.filter((one) => one.states || !near.some((other) => other.name === one.name)).filter((one) => known.classes[one.name])
      .map((one) => ({ ...one, label: one.states ? inWords(one.states) : one.label, hint: one.about }));
    yield [...said.filter((one) => one.states), ...near, ...said.filter((one) => !one.states)].slice(0, MOST);
  }

  /** What a turn of phrase states, for reading: documented absence, of kind solid fusion. */
  function inWords({ type, ...rest }) {
    const label = (path, value) => known.sets[known.fields[path]?.set]?.find((one) => one.name === value)?.label ?? String(value);
    const told = Object.entries(rest).map(([path, values]) => `${(known.fields[path]?.label ?? path).toLowerCase()} ${values.map((one) => label(path, one)).join(", ")}`);
    return [...type.map((one) => known.classes[one]?.label ?? one), ...told].join(", ");
  }

  /* Fields ── one value each: what it is typed or chosen in, and what it reads. */
  function pick(rows) {
    const input = h("select", { id: unique("field") }, h("option", { value: "" }, ""), ...rows.map((one) => h("option", { value: one.name }, one.label)));
    return { input, element: input, value: () => input.value || undefined, set: (name) => { input.value = name; } };
  }
  function simple(field, node) {
    if (field.kind === "boolean") {
      const one = pick([{ name: "true", label: "yes" }, { name: "false", label: "no" }]);
      return { ...one, value: () => (one.input.value ? one.input.value === "true" : undefined) };
    }
    if (field.kind === "choice") {
      const rows = known.sets[field.set];
      if (rows.length <= SHORT) return pick(rows);
      const one = combobox(async function* find(text) { yield among(rows, text); });
      return { ...one, set: (name) => one.set(name, rows.find((row) => row.name === name)?.label ?? name) };
    }
    if (field.kind === "link") return link(field, node);
    // A day is typed year first: a browser's own field would have it month first for some and day first for others.
    const [isNumber, isDate] = [["number", "integer"].includes(field.kind), field.kind === "date"];
    const form = field.isPartial ? "YYYY, YYYY-MM or YYYY-MM-DD" : "YYYY-MM-DD";
    const input = h("input", { id: unique("field"), type: isNumber ? "number" : "text", min: field.min ?? false, max: field.max ?? false,
      step: field.kind === "number" ? "any" : false, autocomplete: "off", placeholder: isDate && form, title: isDate && form,
      pattern: isDate && (field.isPartial ? "[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?" : "[0-9]{4}-[0-9]{2}-[0-9]{2}") });
    return { input, element: input, set: (value) => { input.value = value; },
      value: () => (input.value.trim() === "" ? undefined : isNumber ? Number(input.value) : input.value.trim()) };
  }
  /** What else of this case is meant: the list follows what has been named so far. */
  function link(field, node) {
    const one = pick([]);
    const fill = () => {
      const fitting = [...nodes].filter((each) => each !== node && each.id && shapesOf(each).some((shape) => field.shapes.includes(shape)));
      const told = JSON.stringify(fitting.map((each) => [each.key, each.title()]));
      if (one.input.dataset.told === told) return;
      const before = one.input.value;
      one.input.replaceChildren(h("option", { value: "" }, fitting.length ? "" : "nothing to name yet"), ...fitting.map((each) => h("option", { value: each.key }, each.title())));
      one.input.value = fitting.some((each) => each.key === before) ? before : "";
      one.input.dataset.told = told;
    };
    fill();
    return { ...one, fill, value: () => [...nodes].find((each) => each.key === one.input.value)?.id };
  }
  /** A number or a grade may be known exactly, or by its ends. */
  function ranged(path, field, node) {
    const [low, high] = [simple(field, node), simple(field, node)];
    const how = pick([["exactly"], ["at least"], ["at most"], ["between"]].map(([name]) => ({ name, label: name })));
    how.input.firstChild.remove();
    how.input.setAttribute("aria-label", `${field.label}: how exactly it is known`);
    high.input.setAttribute("aria-label", `${field.label}, at most`);
    const arrange = () => { high.element.hidden = how.value() !== "between"; };
    how.input.addEventListener("change", arrange);
    arrange();
    const ends = { exactly: [[path, low]], "at least": [[field.low, low]], "at most": [[field.high, low]], between: [[field.low, low], [field.high, high]] };
    return { input: low.input, element: h("div", { class: "ranged" }, how.element, low.element, high.element), set: low.set,
      read: () => ends[how.value()].map(([name, one]) => [name, one.value()]) };
  }

  /* Nodes ── a patient, a service, a finding: a class and its fields. */
  const shapesOf = (node) => [...new Set(node.types.flatMap((type) => known.classes[type]?.shapes ?? []))];
  function fieldsOf(node) {
    const found = new Map();
    for (const shape of node.types.length ? shapesOf(node) : []) for (const one of known.shapes[shape].fields) if (!found.has(one.path)) found.set(one.path, { ...one });
    for (const type of node.types) {
      const { asked = [], beyond = [], never = [] } = known.classes[type] ?? {};
      for (const path of beyond) if (!found.has(path)) found.set(path, { path, shown: false });
      for (const path of asked) if (found.has(path)) found.get(path).shown = true;
      for (const path of never) found.delete(path);
    }
    return new Map([...found].sort(([, one], [, other]) => Number(other.required ?? false) - Number(one.required ?? false)));
  }
  function makeNode(path, shape, type, remove) {
    const legend = h("span", {});
    const fields = h("div", { class: "fields" });
    const more = h("div", { class: "more row" });
    const node = { key: unique("node"), id: "", types: [], entries: [], element: null, first: null };
    node.title = () => {
      const label = node.types.map((one) => known.classes[one]?.label ?? one).join(", ") || known.shapes[shape].label;
      const levels = node.entries.filter((one) => known.fields[one.path]?.isLevel).flatMap((one) => one.control.read().map(([, value]) => value)).filter(Boolean);
      return levels.length ? `${label} at ${levels.join(", ")}` : label;
    };
    node.rename = () => { legend.textContent = node.title(); };
    node.become = (types) => {
      node.types = types;
      const stem = `#${words(known.classes[types[0]]?.label ?? shape).replaceAll(" ", "-")}`;
      if (shapesOf(node).some((one) => known.shapes[one].isNamed) && !node.id.startsWith(`${stem}-`)) { stems.set(stem, (stems.get(stem) ?? 0) + 1); node.id = `${stem}-${stems.get(stem)}`; }
      const may = fieldsOf(node);
      for (const one of [...node.entries]) if (!may.has(one.path) || (!may.get(one.path).shown && one.isEmpty())) one.drop();
      for (const one of may.values()) if (one.shown && !node.entries.some((entry) => entry.path === one.path)) addEntry(node, one, false);
      offer();
      node.rename();
    };
    node.add = (name) => addEntry(node, fieldsOf(node).get(name) ?? { path: name }, true);
    const extra = h("select", { id: unique("field") });
    function offer() {
      const may = [...fieldsOf(node).values()];
      const groups = known.groups.map((group) => [group.label, may.filter((one) => known.fields[one.path].group === group.name
        && ((known.fields[one.path].many && known.fields[one.path].kind !== "nodes") || !node.entries.some((entry) => entry.path === one.path)))]);
      extra.replaceChildren(...groups.filter(([, rows]) => rows.length).map(([label, rows]) => h("optgroup", { label }, ...rows.map((one) => h("option", { value: one.path }, known.fields[one.path].label)))));
      more.hidden = !extra.options.length;
    }
    node.offer = offer;
    more.append(h("label", { for: extra.id, class: "inline" }, "More to say"), extra,
      h("button", { type: "button", class: "small", onclick: () => { if (extra.value) node.add(extra.value)?.control.input?.focus(); offer(); } }, "Add"));
    node.element = h("fieldset", { class: `node node-${shape.toLowerCase()}` }, h("legend", {}, legend), fields, more);
    node.fields = fields;
    if (!type) {
      const what = combobox((text) => classes(path, shape, text), (one) => { if (one) { const said = one.states ?? { type: [one.name] }; node.become(said.type); for (const [name, values] of Object.entries(said)) if (name !== "type") for (const value of values) fill(node, name, value); } });
      what.input.required = true;
      node.first = what.input;
      fields.before(h("div", { class: "field" }, h("label", { for: what.input.id }, "What it is"), what.element));
      more.hidden = true;
    }
    if (remove) node.element.append(h("button", { type: "button", class: "small remove", onclick: () => { nodes.delete(node); node.element.remove(); remove(node); changed(); } }, "Remove"));
    nodes.add(node);
    if (type) node.become([type]);
    node.rename();
    return node;
  }
  /** A value that a turn of phrase brings with it. */
  function fill(node, path, value) {
    const entry = node.entries.find((one) => one.path === path && one.isEmpty()) ?? node.add(path);
    entry.control.set(typeof value === "boolean" ? String(value) : value);
  }
  function addEntry(node, told, isExtra) {
    const field = known.fields[told.path];
    const control = field.kind === "nodes" ? within(told, field) : field.low || field.high ? ranged(told.path, field, node) : simple(field, node);
    control.read ??= () => [[told.path, control.value()]];
    const entry = { path: told.path, control, isEmpty: () => control.read().every(([, value]) => value === undefined || value?.length === 0) };
    const advice = h("span", {}, told.advice ? ` ${told.advice}` : "");
    const hint = h("p", { class: "hint", id: unique("hint") }, field.help, advice);
    entry.advice = advice;
    if (field.kind === "nodes") entry.element = control.element;
    else {
      control.input.required = Boolean(told.required);
      control.input.setAttribute("aria-describedby", hint.id);
      entry.element = h("div", { class: "field" }, h("label", { for: control.input.id }, field.label), control.element, hint,
        field.many ? h("button", { type: "button", class: "plain small", "aria-label": `Another: ${field.label}`, onclick: () => node.add(told.path).control.input.focus() }, "Another") : null,
        isExtra ? h("button", { type: "button", class: "plain small", "aria-label": `Leave out: ${field.label}`, onclick: () => { entry.drop(); node.offer(); changed(); } }, "Leave out") : null);
    }
    entry.drop = () => { entry.element.remove(); node.entries.splice(node.entries.indexOf(entry), 1); };
    const order = [...fieldsOf(node).keys()];
    const after = node.entries.find((one) => order.indexOf(one.path) > order.indexOf(told.path));
    node.fields.insertBefore(entry.element, after?.element ?? null);
    node.entries.splice(after ? node.entries.indexOf(after) : node.entries.length, 0, entry);
    return entry;
  }
  /** Nodes that are written inside another: one, or a list to add to. */
  function within(told, field) {
    const inner = [];
    const rows = h("div", { class: "rows" });
    const buttons = h("div", { class: "row" });
    function more(add, isFirst) {
      const node = makeNode(told.path, add.shape, add.type, field.many ? (gone) => { inner.splice(inner.indexOf(gone), 1); buttons.querySelector("button").focus(); } : null);
      inner.push(node);
      rows.append(node.element);
      if (!isFirst) (node.first ?? node.element.querySelector("input, select")).focus();
      changed();
    }
    if (field.many) buttons.append(...field.adds.map((add) => h("button", { type: "button", onclick: () => more(add) }, `Add: ${add.label.toLowerCase()}`)));
    if (!field.many || told.required) more(field.adds[0], true);
    const lacking = () => (told.required && !inner.length ? `${field.label}: at least one is needed.` : "");
    const isOne = !field.many;
    return { lacking, input: buttons.querySelector("button"), value: () => (isOne ? read(inner[0]) : inner.map(read).filter(Boolean)),
      element: isOne ? rows : h("section", { class: "inner", "aria-label": field.label }, h("p", { class: "label" }, field.label), h("p", { class: "hint" }, field.help), rows, buttons) };
  }

  /* Writing ── what has been filled in, as plain JSON-LD. */
  function read(node) {
    if (!node.types.length) return undefined;
    const out = { ...(node.id ? { id: node.id } : {}), type: node.types.length > 1 ? node.types : node.types[0] };
    for (const entry of node.entries) for (const [name, value] of entry.control.read()) {
      if (value === undefined || (Array.isArray(value) && !value.length)) continue;
      out[name] = name in out ? [out[name], value].flat() : Array.isArray(value) && value.length === 1 ? value[0] : value;
    }
    return out;
  }
  function problems() {
    const inputs = [...place.querySelectorAll("input, select")].filter((one) => !one.closest("[hidden]") && !one.checkValidity());
    const found = inputs.map((one) => [one, `${(one.labels[0]?.textContent ?? one.getAttribute("aria-label"))} (${one.closest("fieldset").querySelector("legend").textContent}): ${one.validationMessage}`]);
    for (const node of nodes) for (const one of node.entries) if (one.control.lacking?.()) found.push([one.control.input, one.control.lacking()]);
    return found;
  }
  function write() {
    waiting = 0;
    for (const node of nodes) { node.rename(); for (const one of node.entries) { one.control.fill?.(); one.advice.hidden = !one.isEmpty(); } }
    const { type, ...body } = read(root);
    box.value = JSON.stringify({ "@context": known.context, type, ...body }, null, 2);
    const found = problems();
    const text = found.length ? `${found.length} to mend before it can be determined.` : "Nothing to mend.";
    const head = listed.querySelector("[data-count]");
    if (head.textContent !== text) head.textContent = text;
    listed.querySelector("ol").replaceChildren(...found.slice(0, SHORT).map(([one, told]) => h("li", {}, h("button", { type: "button", class: "plain", onclick: () => one.focus() }, told))));
  }
  function changed() { waiting ||= setTimeout(write, 120); }

  place.replaceChildren();
  const root = makeNode("", known.root, known.root, null);
  place.append(root.element);
  for (const kind of ["input", "change"]) place.addEventListener(kind, changed);
  box.readOnly = true;
  box.form.addEventListener("submit", (event) => {
    write();
    const found = problems();
    if (!found.length) return;
    event.preventDefault();
    found[0][0].focus();
    workbench.announce(found[0][1]);
  });
  write();
})();
