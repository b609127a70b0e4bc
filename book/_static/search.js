// On the search page only: numbers of equations and claims, terms, headings and names of the library
// lead straight to their place, chapters that have the words side by side come first, all chapters
// before the pages of the library, and excerpts come from the texts that this book carries.
if (window.bookSearch) {
  const query = new URLSearchParams(location.search).get("q") ?? "";
  const words = query.toLowerCase().split(/\s+/).filter(Boolean).join(" ");
  // How often a page has the words as they were asked for: up to ten times count.
  const often = (docname) => Math.min(10, (window.bookSearch.texts[docname] ?? "").toLowerCase().split(words).length - 1);

  // Read by Sphinx when its own script starts.
  window.Scorer = {
    score: ([docname, , , , given]) => {
      const score = given + often(docname);
      if (docname.startsWith("book/reference/library")) return score - 1000;
      return docname.startsWith("book/reference/") ? score - 100 : score;
    },
    objNameMatch: 11,
    objPartialMatch: 6,
    objPrio: { 0: 15, 1: 5, 2: -5 },
    objPrioDefault: 0,
    title: 15,
    partialTitle: 7,
    term: 5,
    partialTerm: 2,
  };

  // "Kundu (32)", "Kundu Eq. 32" and "kundu-32" are one key, "Figure 3.2" and "fig 3.2" another.
  const plain = (words) =>
    words.toLowerCase().replace(/\bfigure\b/g, "fig").replace(/\beqs?\b\.?|\bequation\b|\bclaim\b|\bet al\b\.?/g, " ")
      .replace(/[^\p{L}\p{N}]+/gu, " ").trim();

  const straight = (query) => {
    const wanted = plain(query);
    const keys = window.bookSearch.entries.map((it) => [` ${plain(it.key)} `, it]);
    // Of a single word, only what is called so.
    const starts = wanted.includes(" ") ? ` ${wanted} ` : null;
    const near = keys.filter(([key, it]) => key === ` ${wanted} `
      || (starts && (key.startsWith(starts) || (/^(Term|Section)/.test(it.title) && key.includes(starts)))))
      .map(([, it]) => it).slice(0, 12);
    if (!wanted || !near.length) return;
    const list = document.createElement("ul");
    list.className = "straight";
    near.forEach((it) => {
      const link = document.createElement("a");
      link.href = it.url;
      link.textContent = it.title;
      const item = document.createElement("li");
      item.append(link);
      list.append(item);
    });
    document.getElementById("search-results").before(list);
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (!query) return;
    straight(query);
    // A page from the file system may not read its neighbours.
    window.fetch = (address) => {
      const path = decodeURIComponent(new URL(address, location.href).pathname);
      const root = new URL(".", location.href).pathname;
      const docname = path.slice(decodeURIComponent(root).length).replace(/\.html$/, "");
      const text = window.bookSearch.texts[docname] ?? "";
      return Promise.resolve({ text: () => text });
    };
    Search.htmlToText = (text) => text;
  });
}
