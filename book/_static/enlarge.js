// A figure is enlarged by a click or by the button that stands on it, and put back by Escape, by
// the button on top, or by a click beside it. The browser returns the focus to where it was.
const dialog = document.createElement("dialog");
dialog.className = "enlarged";
dialog.innerHTML =
  '<form method="dialog"><button>Close</button></form><div tabindex="0" role="group"><img></div>';
const [close, frame, large] = ["button", "div", "img"].map((name) => dialog.querySelector(name));

const enlarge = (image, button) => {
  large.src = image.currentSrc || image.src;
  large.alt = image.alt;
  large.dataset.ground = image.dataset.ground ?? "";
  // As large as the window, and on a small one no smaller than it was drawn.
  const ratio = image.naturalWidth / image.naturalHeight;
  large.style.width = `max(min(94vw, ${85 * ratio}vh), ${image.naturalWidth}px)`;
  frame.setAttribute("aria-label", image.alt);
  dialog.setAttribute("aria-label", button.getAttribute("aria-label"));
  button.focus();
  dialog.showModal();
  close.focus();
};

dialog.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});

let count = 0;
document.querySelectorAll("article .cell_output img").forEach((image) => {
  count += 1;
  const box = document.createElement("span");
  const scroll = document.createElement("span");
  const button = document.createElement("button");
  box.className = "enlargeable";
  scroll.className = "enlargeable-scroll";
  button.type = "button";
  button.className = "enlarge";
  button.textContent = "⤢";
  const number = image.closest("figure")?.querySelector(".caption-number")?.textContent.trim();
  button.setAttribute("aria-label", `Enlarge ${number || `picture ${count}`}`);
  // The line below says how wide letters of nine pixels make it, and if its negative would mislead.
  const { letters, ground } = image.closest(".cell")?.querySelector(".provenance")?.dataset ?? {};
  if (letters) image.style.setProperty("--readable", `${Math.ceil(9 / letters)}px`);
  if (ground) image.dataset.ground = ground;
  image.replaceWith(box);
  scroll.append(image);
  box.append(button, scroll);
  image.addEventListener("click", () => enlarge(image, button));
  button.addEventListener("click", () => enlarge(image, button));
  // On a phone a wide figure scrolls in its place; then it must take the focus.
  new ResizeObserver(() => {
    if (scroll.scrollWidth > scroll.clientWidth) {
      scroll.tabIndex = 0;
      scroll.setAttribute("role", "group");
      scroll.setAttribute("aria-label", `${number || `Picture ${count}`}, scrolls sideways`);
    } else ["tabindex", "role", "aria-label"].forEach((name) => scroll.removeAttribute(name));
  }).observe(scroll);
});
if (count) document.body.append(dialog);
