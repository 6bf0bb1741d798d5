// The root of a figure and its chart.

/**
 * The root of a figure: a labelled group with its title, its body and its text alternative.
 * `read(defaults)` gives the traits now; `watch(names, react)` follows them; `onCleanup` collects what `cleanup` undoes;
 * `say(words)` sets the text alternative, `mention(words)` the same at most every four seconds.
 */
function createFigure({ model, el, name, title, label }) {
  adoptStyle(STYLE);
  const undo = [];
  const body = html("div", { class: "dla-body" });
  const words = html("p", { class: "dla-words", "aria-live": "polite", "data-words": "" });
  const root = html(
    "div",
    { class: "dla", role: "group", "aria-label": label, "data-figure": name },
    html("p", { class: "dla-title" }, title), body, words,
  );
  root.addEventListener("keydown", (event) => event.stopPropagation());
  el.replaceChildren(root);
  let spoken = -Infinity;
  const say = (text) => {
    spoken = performance.now();
    if (words.textContent !== text) words.textContent = text;
  };
  return {
    model, root, body, say,
    mention(text) {
      if (performance.now() - spoken > 4000) say(text);
    },
    read: (defaults) => Object.fromEntries(Object.keys(defaults).map((trait) => [trait, model.get(trait)])),
    set(changes) {
      for (const [trait, content] of Object.entries(changes)) model.set(trait, content);
      model.save_changes();
    },
    watch(names, react) {
      for (const trait of names) {
        model.on(`change:${trait}`, react);
        undo.push(() => model.off(`change:${trait}`, react));
      }
    },
    onCleanup(action) {
      undo.push(action);
    },
    cleanup() {
      for (const action of undo.splice(0)) action();
      root.remove();
    },
  };
}

/** Calls `draw` once for any number of changes made in one task. */
function batched(draw) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    queueMicrotask(() => {
      waiting = false;
      draw();
    });
  };
}

/** An SVG that is drawn again at the width it really has, so that its letters keep their size. */
function createChart(figure, { label, height, draw }) {
  const picture = svg("svg", { role: "img", "aria-label": label });
  let width = 0;
  const redraw = () => {
    if (!width) return;
    const tall = typeof height === "function" ? height(width) : height;
    picture.setAttribute("viewBox", `0 0 ${width} ${tall}`);
    picture.setAttribute("height", tall);
    picture.replaceChildren();
    draw(picture, width, tall);
  };
  const observer = new ResizeObserver(([entry]) => {
    const measured = Math.floor(entry.contentRect.width);
    if (measured && measured !== width) {
      width = measured;
      redraw();
    }
  });
  observer.observe(picture);
  figure.onCleanup(() => observer.disconnect());
  return { picture, redraw };
}
