// What a term or a citation leads to, in a box: on hover, on focus, on the first touch; Escape closes it.
// Without this script the same words are the links' titles.
{
  const box = document.createElement("div");
  box.id = "definition";
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  let link = null;
  let closing;

  const place = () => {
    const line = link.getClientRects()[0];
    const left = Math.min(line.left, document.documentElement.clientWidth - box.offsetWidth - 8);
    const below = line.bottom + box.offsetHeight + 8 < window.innerHeight;
    box.style.left = `${Math.max(8, left) + window.scrollX}px`;
    box.style.top = `${(below ? line.bottom + 4 : line.top - box.offsetHeight - 4) + window.scrollY}px`;
  };
  const close = () => {
    clearTimeout(closing);
    link?.removeAttribute("aria-describedby");
    link = null;
    box.hidden = true;
  };
  const open = (target) => {
    clearTimeout(closing);
    if (link === target) return;
    close();
    link = target;
    box.textContent = link.dataset.definition;
    box.hidden = false;
    link.setAttribute("aria-describedby", box.id);
    place();
  };
  const closeSoon = () => {
    clearTimeout(closing);
    closing = setTimeout(close, 250);
  };

  document.addEventListener("DOMContentLoaded", () => {
    document.body.append(box);
    for (const target of document.querySelectorAll("a.defined[title]")) {
      target.dataset.definition = target.title;
      target.removeAttribute("title");
      let touched = false;
      target.addEventListener("pointerdown", (event) => {
        touched = event.pointerType === "touch" && link !== target;
      });
      target.addEventListener("click", (event) => {
        if (touched) {
          event.preventDefault();
          open(target);
        }
        touched = false;
      });
      target.addEventListener("focus", () => open(target));
      target.addEventListener("blur", close);
      target.addEventListener("pointerenter", (event) => event.pointerType !== "touch" && open(target));
      target.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && closeSoon());
    }
    box.addEventListener("pointerenter", () => clearTimeout(closing));
    box.addEventListener("pointerleave", closeSoon);
    document.addEventListener("keydown", (event) => event.key === "Escape" && close());
    document.addEventListener("pointerdown", (event) => {
      if (link && !link.contains(event.target) && event.target !== box) close();
    });
  });
}
