// A link to a term, an equation or a figure shows a preview of it, to the mouse and to the keyboard.
// The page carries the previews itself: from the file system it could not read another page.
{
  const held = document.getElementById("previews");
  const article = document.querySelector("article");
  if (held && article) {
    const previews = JSON.parse(held.textContent);
    const GRACE = 200; // ms, to reach a link on purpose and to move from it onto its preview
    const tip = document.createElement("div");
    tip.id = "preview";
    tip.className = "preview mathjax_process";
    tip.setAttribute("role", "tooltip");
    tip.hidden = true;
    document.body.append(tip);
    let shown = null;
    let timer;
    // MathJax typesets one thing at a time.
    let queue = Promise.resolve();

    const place = () => {
      const [at] = shown.getClientRects();
      if (!at) return;
      const { offsetWidth: width, offsetHeight: height } = tip;
      const right = document.documentElement.clientWidth - width - 8;
      const below = at.bottom + 6;
      const above = at.top - height - 6;
      const top = below + height > window.innerHeight && above > 0 ? above : below;
      tip.style.left = `${Math.max(8, Math.min(at.left, right)) + window.scrollX}px`;
      tip.style.top = `${top + window.scrollY}px`;
    };

    const hide = () => {
      clearTimeout(timer);
      if (!shown) return;
      shown.removeAttribute("aria-describedby");
      shown = null;
      tip.hidden = true;
    };

    const show = (link) => {
      clearTimeout(timer);
      if (shown === link) return;
      hide();
      shown = link;
      link.setAttribute("aria-describedby", tip.id);
      queue = queue.then(async () => {
        if (shown !== link) return;
        window.MathJax?.typesetClear?.([tip]);
        const called = '<span class="visually-hidden">Preview: </span>';
        tip.innerHTML = called + previews[link.getAttribute("href")];
        tip.style.setProperty("--room", `${document.documentElement.clientWidth}px`);
        // There, so that it has a size, and not seen before it is whole.
        tip.classList.add("in-the-making");
        tip.hidden = false;
        await window.MathJax?.startup?.promise;
        await window.MathJax?.typesetPromise?.([tip]);
        await Promise.all([...tip.querySelectorAll("img")].map((it) => it.decode().catch(() => {})));
        if (shown !== link) return;
        place();
        tip.classList.remove("in-the-making");
      }).catch(hide);
    };

    const later = (action) => {
      clearTimeout(timer);
      timer = setTimeout(action, GRACE);
    };

    [...article.querySelectorAll("a[href]")]
      .filter((it) => it.getAttribute("href") in previews && !it.matches(".headerlink"))
      .forEach((link) => {
        link.classList.add("has-preview");
        link.addEventListener("pointerenter", (event) => {
          if (event.pointerType === "mouse") later(() => show(link));
        });
        link.addEventListener("pointerleave", () => later(hide));
        link.addEventListener("focus", () => {
          if (link.matches(":focus-visible")) show(link);
        });
        link.addEventListener("blur", hide);
        link.addEventListener("click", hide);
      });
    tip.addEventListener("pointerenter", () => clearTimeout(timer));
    tip.addEventListener("pointerleave", () => later(hide));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") hide();
    });
    window.addEventListener("resize", hide);
  }
}
