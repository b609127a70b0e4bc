// A displayed formula that is wider than its column gets smaller type, down to three quarters; what
// is wider still scrolls in its place.
const LEAST = 0.75;

const fit = () => {
  const formulae = [...document.querySelectorAll("article mjx-container[display]")];
  formulae.forEach((it) => it.style.removeProperty("--fit"));
  // All widths are read before any type changes: one layout for the whole page.
  const ratios = formulae.map((it) => it.clientWidth / it.scrollWidth);
  formulae.forEach((it, i) => {
    if (ratios[i] < 1) it.style.setProperty("--fit", Math.max(LEAST, 0.995 * ratios[i]));
  });
};

window.addEventListener("load", () => {
  (window.MathJax?.startup?.promise ?? Promise.resolve()).then(() => {
    const article = document.querySelector("article");
    if (!article) return;
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
