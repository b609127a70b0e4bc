// A bibliography is marked as a list whose entries are marked as bibliography entries: a list may
// only hold list items, and the mark of the entries is deprecated. Both go.
document
  .querySelectorAll('.citation-list[role="list"], .citation[role="doc-biblioentry"]')
  .forEach((marked) => marked.removeAttribute("role"));
