// Paper is white and does not scroll: print with the light colours, and formulas that are too wide smaller.
{
  const root = document.documentElement;
  const widest = 540; // pixels, of a printed page with a box around the formula and a number beside it
  let onScreen = root.dataset.theme;
  const fit = (printing) => {
    for (const formula of document.querySelectorAll(".bd-article mjx-container")) {
      formula.style.zoom = "";
      const width = printing ? (formula.querySelector("mjx-math")?.getBoundingClientRect().width ?? 0) : 0;
      if (width > widest) formula.style.zoom = widest / width;
    }
  };
  matchMedia("print").addEventListener("change", ({ matches }) => {
    if (matches) onScreen = root.dataset.theme;
    root.dataset.theme = matches ? "light" : onScreen;
    fit(matches);
  });
}
