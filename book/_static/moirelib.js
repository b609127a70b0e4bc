// A bibliography is marked as a list whose entries are marked as bibliography entries; a list may
// only hold list items, so the outer mark goes.
document.querySelectorAll('.citation-list[role="list"]').forEach((list) => {
  list.removeAttribute("role");
});
