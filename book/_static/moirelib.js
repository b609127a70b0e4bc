// A bibliography is marked as a list whose entries are marked as bibliography entries: a list may
// only hold list items, and the mark of the entries is deprecated. Both go.
document
  .querySelectorAll('.citation-list[role="list"], .citation[role="doc-biblioentry"]')
  .forEach((marked) => marked.removeAttribute("role"));

// Paper is white: a page in the dark theme is printed in the light one.
{
  const { dataset } = document.documentElement;
  let theme = dataset.theme;
  window.addEventListener("beforeprint", () => {
    theme = dataset.theme;
    dataset.theme = "light";
  });
  window.addEventListener("afterprint", () => {
    dataset.theme = theme;
  });
}
