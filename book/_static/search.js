// On the search page only: numbers of equations and claims lead straight to their place, chapters
// come before the pages of the library, and excerpts come from the texts that this book carries.
if (window.bookSearch) {
  // Read by Sphinx when its own script starts.
  window.Scorer = {
    score: ([docname, , , , score]) => {
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
    const near = window.bookSearch.entries.filter((it) => {
      const key = plain(it.key);
      return key === wanted || key.startsWith(`${wanted} `);
    });
    if (!wanted.includes(" ") || !near.length) return;
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
    const query = new URLSearchParams(location.search).get("q");
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
