// A displayed formula that is wider than its column gets smaller type, down to three quarters, on a
// phone to two thirds; what is wider still scrolls in its place.
const PHONE = window.matchMedia("(max-width: 40rem)");
const least = () => (PHONE.matches ? 0.65 : 0.75);

const fit = () => {
  const formulae = [...document.querySelectorAll("article mjx-container[display]")];
  formulae.forEach((it) => it.style.removeProperty("--fit"));
  // All widths are read before any type changes: one layout for the whole page.
  const ratios = formulae.map((it) => it.clientWidth / it.scrollWidth);
  // One within a line that is longer than the line scrolls too.
  const inline = [...document.querySelectorAll("article mjx-container:not([display])")];
  inline.forEach((it) => it.classList.remove("scrolls"));
  const room = inline.map((it) => it.closest("p, li, td, th, dd, dt, summary")?.clientWidth);
  const long = inline.filter((it, i) => it.offsetWidth > room[i]);
  long.forEach((it) => it.classList.add("scrolls"));
  formulae.forEach((it, i) => {
    if (ratios[i] < 1) it.style.setProperty("--fit", Math.max(least(), 0.995 * ratios[i]));
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
