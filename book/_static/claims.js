// The table of all claims: a form that filters and sorts it. Without scripts the table is whole and
// the form hidden.
const form = document.querySelector("form.ledger-filter");
if (form) {
  const table = document.querySelector("table.ledger");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const place = new Map(rows.map((row, i) => [row, i]));
  const words = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const keys = {
    claim: (row) => place.get(row),
    verdict: (row) => Number(row.dataset.rank),
    chapter: (row) => row.dataset.chapter,
  };
  const heads = [...table.tHead.rows[0].cells].filter((cell) => cell.dataset.key in keys);
  let backwards = false;

  const filter = () => {
    const verdicts = new Set([...form.elements.verdict].filter((b) => b.checked).map((b) => b.value));
    const wanted = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = (row, name) => ["", row.dataset[name]].includes(form.elements[name].value);
    rows.forEach((row) => {
      row.hidden = !(
        verdicts.has(row.dataset.verdict) &&
        ["paper", "chapter", "kind"].every((name) => chosen(row, name)) &&
        wanted.every((word) => words.get(row).includes(word))
      );
    });
    const shown = rows.filter((row) => !row.hidden).length;
    form.querySelector("output").value = `${shown} of ${rows.length} claims`;
  };

  const sort = () => {
    const key = keys[form.elements.order.value];
    const compare = (a, b) => {
      const [first, second] = [key(a), key(b)];
      const order = first < second ? -1 : first > second ? 1 : 0;
      return (backwards ? -order : order) || place.get(a) - place.get(b);
    };
    body.append(...rows.sort(compare));
    heads.forEach((head) => {
      const sorted = head.dataset.key === form.elements.order.value;
      head.setAttribute("aria-sort", sorted ? (backwards ? "descending" : "ascending") : "none");
    });
  };

  heads.forEach((head) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => {
      const again = form.elements.order.value === head.dataset.key;
      backwards = again && !backwards;
      form.elements.order.value = head.dataset.key;
      sort();
    });
    head.append(button);
  });

  // A list of choices may say "change" only.
  ["input", "change"].forEach((kind) => form.addEventListener(kind, (event) => {
    if (event.target.name === "order") {
      backwards = false;
      sort();
    } else {
      filter();
    }
  }));
  form.addEventListener("submit", (event) => event.preventDefault());
  // After the fields have their first values again.
  form.addEventListener("reset", () => setTimeout(() => { backwards = false; filter(); sort(); }));

  // The heads stay below the bar of the theme, which covers the top of the page.
  const bar = document.querySelector(".bd-header-article");
  const under = () => {
    const stays = bar && ["sticky", "fixed"].includes(getComputedStyle(bar).position);
    table.style.setProperty("--ledger-top", `${stays ? bar.offsetHeight : 0}px`);
  };
  window.addEventListener("resize", under);
  under();

  form.hidden = false;
  // A browser may keep what was chosen before the page was loaded again.
  filter();
  sort();
}

// A link to a claim finds it, also in a row that is filtered out or in a card that is closed, and
// also if its id is written as the papers do, with capitals.
const reveal = () => {
  const name = decodeURIComponent(location.hash.slice(1));
  const target = name && (document.getElementById(name) ?? document.getElementById(name.toLowerCase()));
  if (!target) return;
  if (target.closest("table.ledger tr[hidden]")) form.reset();
  const card = target.closest("details.claim");
  if (card) card.open = true;
  if (card || target.closest("table.ledger")) setTimeout(() => target.scrollIntoView());
};
window.addEventListener("hashchange", reveal);
window.addEventListener("load", reveal);

// The statement beside a claim in prose goes away on Escape, and comes again with the next visit.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll(".claim-reference").forEach((it) => it.classList.add("dismissed"));
});
document.querySelectorAll(".claim-reference").forEach((it, i) => {
  const hint = it.querySelector(".claim-hint");
  hint.id = `claim-hint-${i}`;
  hint.setAttribute("role", "tooltip");
  it.querySelector("a").setAttribute("aria-describedby", hint.id);
  // One that would leave the window at the right moves to the left.
  const place = () => {
    hint.style.removeProperty("left");
    const { left, right } = hint.getBoundingClientRect();
    const room = document.documentElement.clientWidth - 8;
    if (right > room) hint.style.left = `${Math.max(8 - left, room - right)}px`;
  };
  ["mouseenter", "focusin"].forEach((come) => it.addEventListener(come, place));
  ["mouseleave", "focusout"].forEach((left) => {
    it.addEventListener(left, () => it.classList.remove("dismissed"));
  });
});
