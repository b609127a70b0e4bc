// Only a deck has slides: the arrow keys, the space bar and the buttons turn them, the address
// says which one is shown.
const slides = [...document.querySelectorAll("section.slide")];

function show(number) {
  const now = Math.min(Math.max(number, 1), slides.length);
  slides.forEach((slide, index) => slide.classList.toggle("shown", index + 1 === now));
  document.getElementById("place").textContent = `${now} / ${slides.length}`;
  history.replaceState(null, "", `#${now}`);
  return now;
}

if (slides.length) {
  document.body.classList.add("deck");
  let now = show(Number(location.hash.slice(1)) || 1);
  const turn = (by) => { now = show(now + by); };
  const keys = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1 };
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("button") && event.key === " ") return;
    if (event.key in keys) { turn(keys[event.key]); event.preventDefault(); }
    if (event.key === "Home") now = show(1);
    if (event.key === "End") now = show(slides.length);
  });
  document.getElementById("back").addEventListener("click", () => turn(-1));
  document.getElementById("on").addEventListener("click", () => turn(1));
  addEventListener("hashchange", () => { now = show(Number(location.hash.slice(1)) || 1); });
}
