// Paper is white: print with the light colours, whatever the screen has.
{
  const root = document.documentElement;
  let onScreen = root.dataset.theme;
  matchMedia("print").addEventListener("change", ({ matches }) => {
    if (matches) onScreen = root.dataset.theme;
    root.dataset.theme = matches ? "light" : onScreen;
  });
}
