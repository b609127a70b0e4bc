// A displayed formula that is wider than its column is broken into lines on a phone, before its
// relations, then also before its sums, then within its brackets. What is wider still gets smaller
// type, down to three quarters, on a phone to 59 %; and then it scrolls in its place.
const PHONE = window.matchMedia("(max-width: 40rem)");
const least = () => (PHONE.matches ? 0.59 : 0.75);

// What is wider by less than this just gets smaller type.
const LITTLE = 0.85;

const RELATIONS = "=≈≃∝≡∼≤≥≪≫<>→⇒↦⟺≠";
const SUMS = "+−±×";
const [OPEN, CLOSE] = ["([{⟨", ")]}⟩"];

// MathJax draws a sign by a style sheet and names it in a class.
const signOf = (node) => {
  if (node.localName !== "mjx-mo") return "";
  const codes = [...node.querySelectorAll("mjx-c")].map((it) => /mjx-c([0-9A-F]+)/.exec(it.className));
  return codes.map((it) => (it ? String.fromCodePoint(parseInt(it[1], 16)) : "")).join("");
};

// Where a line may begin: for each child the least level that breaks before it. A statement of its
// own begins after a space; of a statement first the relations, then the sums, last what is within
// brackets.
const isSpace = (node) => {
  const space = node.matches("mjx-mspace") ? node : node.matches("mjx-mstyle") && node.firstElementChild;
  return Boolean(space) && space.matches("mjx-mspace") && parseFloat(space.style.width) >= 1;
};
const [STATEMENT, RELATION, SUM, INSIDE, NEVER] = [-1, 0, 1, 2, 9];
const breaks = (children) => {
  let depth = 0;
  let before = "";
  return children.map((child, i) => {
    const sign = signOf(child.matches("mjx-msup, mjx-msub, mjx-msubsup") ? child.firstElementChild : child);
    if (sign && CLOSE.includes(sign)) depth -= 1;
    let level = NEVER;
    if (sign && RELATIONS.includes(sign)) level = RELATION;
    // A sign after another sign, or after a bracket that opens, belongs to what follows.
    else if (sign && SUMS.includes(sign) && !before) level = SUM;
    else if (i && isSpace(children[i - 1]) && !isSpace(child)) level = STATEMENT;
    if (depth > 0 && level < NEVER) level = INSIDE;
    if (sign && OPEN.includes(sign)) depth += 1;
    if (!isSpace(child)) before = CLOSE.includes(sign) ? "" : sign;
    return i ? level : NEVER;
  });
};

const wrap = (children, starts, name) => {
  const made = [];
  children.forEach((child, i) => {
    if (!i || starts[i]) {
      const span = document.createElement("span");
      span.className = name;
      child.before(span);
      made.push(span);
    }
    made.at(-1).append(child);
  });
  return made;
};

const childrenOf = (row) => {
  const children = [...row.children].filter((it) => it.localName !== "mjx-tstrut");
  const only = children.length === 1 && children[0];
  return only && only.matches("mjx-mrow, mjx-texatom, mjx-mstyle, mjx-mpadded") ? childrenOf(only) : children;
};

// Wrap what stays together on a line.
const split = (row, level) => {
  const children = childrenOf(row);
  if (children.length < 2) return;
  const at = breaks(children);
  if (level === RELATION && !row.closest(".lines")) {
    wrap(children, at.map((it) => it === STATEMENT), "formula-statement").forEach((statement) => {
      const inside = [...statement.children];
      wrap(inside, breaks(inside).map((it) => it <= level), "formula-piece");
    });
  } else {
    wrap(children, at.map((it) => it <= level), "formula-piece");
    if (level === INSIDE) children.filter((it) => it.localName === "mjx-mrow").forEach((it) => split(it, level));
  }
  row.classList.add("broken");
};

// A table of aligned rows becomes lines that flow. A row that begins with an empty cell goes on with
// the one above.
const flow = (table) => {
  table.classList.add("lines");
  new Set(cellsOf(table).map((it) => it.parentElement)).forEach((row) => {
    row.classList.toggle("goes-on", ![...row.firstElementChild.children].some((it) => it.offsetWidth && !it.matches("mjx-tstrut")));
  });
};

const join = (formula) => {
  const made = ".formula-statement, .formula-piece";
  formula.querySelectorAll(made).forEach((it) => it.replaceWith(...it.childNodes));
  formula.querySelectorAll(".broken, .lines").forEach((it) => it.classList.remove("broken", "lines"));
  formula.classList.remove("broken");
};

const cellsOf = (node) => [...node.querySelectorAll("mjx-mtd")].filter((it) => !it.closest("mjx-labels"));

const rowsOf = (formula) => {
  // The cells of a table are lines of their own; a cell that holds a table is none.
  const cells = cellsOf(formula).filter((it) => !it.querySelector("mjx-mtable") && !it.closest("mjx-mrow"));
  return cells.length ? cells : [formula.querySelector("mjx-math")];
};

const breakUp = (formula, level) => {
  formula.classList.add("broken");
  if (level === RELATION) {
    const rows = rowsOf(formula);
    const tables = new Set(rows.map((it) => it.closest("mjx-mtable")).filter(Boolean));
    return () => {
      tables.forEach((it) => { if (cellsOf(it).length > 1) flow(it); });
      rows.forEach((it) => split(it, level));
    };
  }
  const pieces = [...formula.querySelectorAll(".formula-piece:not(.broken)")];
  const edge = formula.getBoundingClientRect().right;
  const wide = pieces.filter(
    (it) => it.scrollWidth > it.clientWidth + 1 || it.getBoundingClientRect().right > edge,
  );
  return () => wide.forEach((it) => split(it, level));
};

// No line begins with the sign behind a formula, or ends with the bracket before it. Where a formula
// may be as wide as its cell, there is no room for the sign.
const keepTogether = (formula) => {
  if (formula.closest("table, details.claim, .forms, .claim-hint, .together")) return;
  const signs = (node, pattern) => (node?.nodeType === Node.TEXT_NODE && pattern.exec(node.data)?.[0]) || "";
  const [before, behind] = [formula.previousSibling, formula.nextSibling];
  const opens = signs(before, /[([“]+$/);
  const closes = signs(behind, /^[.,;:!?)\]’”]+/);
  if (!opens && !closes) return;
  if (opens) before.data = before.data.slice(0, -opens.length);
  if (closes) behind.data = behind.data.slice(closes.length);
  const span = document.createElement("span");
  span.className = "together";
  formula.replaceWith(span);
  span.append(opens, formula, closes);
};

const ratioOf = (formula) => formula.clientWidth / formula.scrollWidth;

const fit = () => {
  const formulae = [...document.querySelectorAll("article mjx-container[display]")];
  formulae.forEach((it) => {
    it.style.removeProperty("--fit");
    join(it);
  });
  // All widths are read before anything changes: one layout for the whole page.
  let ratios = formulae.map(ratioOf);
  for (const level of PHONE.matches ? [RELATION, SUM, INSIDE] : []) {
    const wide = formulae.filter((it, i) => ratios[i] < LITTLE);
    if (!wide.length) break;
    wide.map((it) => breakUp(it, level)).forEach((act) => act());
    ratios = formulae.map(ratioOf);
  }
  // One within a line that is longer than the line gets smaller type too.
  const inline = [...document.querySelectorAll("article mjx-container:not([display])")];
  inline.forEach((it) => {
    it.style.removeProperty("--fit");
    it.classList.remove("scrolls");
  });
  const room = inline.map((it) => it.closest("p, li, td, th, dd, dt, summary")?.clientWidth);
  inline.filter((it, i) => it.offsetWidth > room[i]).forEach((it) => it.classList.add("scrolls"));
  // The bar above a letter stands out of its box by less than this.
  const long = inline.map((it) => (it.scrollWidth > it.clientWidth + 3 && it.clientWidth ? ratioOf(it) : 1));
  inline.forEach((it, i) => {
    if (long[i] < 1) it.style.setProperty("--fit", Math.max(least(), 0.995 * long[i]));
  });
  formulae.forEach((it, i) => {
    if (ratios[i] < 1) it.style.setProperty("--fit", Math.max(least(), 0.995 * ratios[i]));
  });
};

window.addEventListener("load", () => {
  (window.MathJax?.startup?.promise ?? Promise.resolve()).then(() => {
    const article = document.querySelector("article");
    if (!article) return;
    article.querySelectorAll("span.math").forEach(keepTogether);
    // Also when a folded part opens: its formulae had no width before.
    let width = 0;
    new ResizeObserver(() => {
      if (article.clientWidth === width) return;
      width = article.clientWidth;
      fit();
    }).observe(article);
    article.addEventListener("toggle", fit, true);
  });
});
