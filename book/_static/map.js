// The maps of the equations. Without scripts each is a drawing of links with a list below it; with
// them it is one stop of the Tab key, arrows move along its lines, and what rests on a claim lights.
document.querySelectorAll(".equation-map").forEach((map) => {
  const svg = map.querySelector("svg");
  const form = map.querySelector(".map-form");
  const shown = map.querySelector(".map-shown");
  const nodes = new Map([...svg.querySelectorAll(".map-node")].map((it) => [it.dataset.claim, it]));
  const sources = new Map([...nodes].map(([id, it]) => [id, it.dataset.sources.split(" ").filter(Boolean)]));
  const targets = new Map([...nodes.keys()].map((id) => [id, []]));
  sources.forEach((found, id) => found.forEach((source) => targets.get(source).push(id)));
  const entries = new Map([...map.querySelectorAll("[data-entry]")].map((it) => [it.dataset.entry, it]));

  const downstream = (id) => {
    const found = new Set();
    const ahead = [id];
    while (ahead.length) {
      targets.get(ahead.pop()).filter((it) => !found.has(it)).forEach((it) => {
        found.add(it);
        ahead.push(it);
      });
    }
    return found;
  };

  const light = (id) => {
    svg.classList.toggle("lit", Boolean(id));
    const lit = id ? downstream(id).add(id) : new Set();
    nodes.forEach((node, it) => {
      node.classList.toggle("lit", lit.has(it));
      node.classList.toggle("chosen", it === id);
    });
    svg.querySelectorAll("path").forEach((path) => {
      path.classList.toggle("lit", path.dataset.edge.split(" ").every((it) => lit.has(it)));
    });
  };

  // Beside the map, the entry of the list, typeset as it is there. Screen readers have it there.
  const show = (id) => {
    const entry = entries.get(id)?.cloneNode(true);
    entry?.querySelectorAll("[id]").forEach((it) => it.removeAttribute("id"));
    // Nor does the keyboard stop here.
    entry?.querySelectorAll("a, summary, [tabindex]").forEach((it) => { it.tabIndex = -1; });
    shown.replaceChildren(...(entry ? [entry] : []));
  };

  const settle = () => {
    const id = form.elements.slip.value;
    light(id);
    if (id) show(id);
    const lit = id ? [...downstream(id)] : [];
    const figures = lit.filter((it) => it.includes("-fig")).length;
    form.querySelector("output").value = id
      ? `${lit.length} of ${nodes.size} claims rest on ${id}, ${figures} of them figures.`
      : "";
  };

  const visit = (node) => {
    nodes.forEach((it) => it.setAttribute("tabindex", it === node ? "0" : "-1"));
  };
  const go = (node) => {
    if (!node) return;
    visit(node);
    node.focus();
  };
  const middle = (node) => {
    const box = node.querySelector("rect");
    return Number(box.getAttribute("x")) + Number(box.getAttribute("width")) / 2;
  };
  const nearest = (ids, node) => ids.map((id) => nodes.get(id))
    .sort((a, b) => Math.abs(middle(a) - middle(node)) - Math.abs(middle(b) - middle(node)))[0];
  const beside = (node, step) => {
    const all = [...nodes.values()];
    return all[all.indexOf(node) + step];
  };
  const moves = {
    ArrowUp: (node) => nearest(sources.get(node.dataset.claim), node),
    ArrowDown: (node) => nearest(targets.get(node.dataset.claim), node),
    ArrowLeft: (node) => beside(node, -1),
    ArrowRight: (node) => beside(node, 1),
    Home: () => [...nodes.values()][0],
    End: () => [...nodes.values()].at(-1),
  };

  nodes.forEach((node, id) => {
    ["mouseenter", "focus"].forEach((it) => node.addEventListener(it, () => { light(id); show(id); }));
    ["mouseleave", "blur"].forEach((it) => node.addEventListener(it, settle));
    node.addEventListener("focus", () => visit(node));
  });
  svg.addEventListener("keydown", (event) => {
    const node = event.target.closest(".map-node");
    if (!node || !(event.key in moves)) return;
    event.preventDefault();
    go(moves[event.key](node));
  });
  form.addEventListener("change", settle);
  form.addEventListener("submit", (event) => event.preventDefault());

  visit([...nodes.values()][0]);
  // Where the map is wider than its frame, begin where the map begins.
  const frame = svg.parentElement;
  frame.scrollLeft = (middle([...nodes.values()][0]) / svg.viewBox.baseVal.width) * frame.scrollWidth
    - frame.clientWidth / 2;
  form.hidden = false;
  shown.hidden = false;
  shown.setAttribute("aria-hidden", "true");
  settle();
  // An equation of a chapter links to its box.
  const find = () => {
    const node = [...nodes.values()].find((it) => `#${it.id}` === location.hash);
    if (node) go(node);
  };
  window.addEventListener("hashchange", find);
  window.addEventListener("load", find);
});
