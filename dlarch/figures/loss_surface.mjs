// Eight optimisers descend a loss of two parameters from one start, with the exact gradient.
// Everything shown is a pure function of the traits: `step` counts the updates.

export const defaults = {
  surface: "valley", learning_rate: 0.1, start: [-3.2, 2.2], step: 60,
  optimizers: ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam", "adamw"],
};

const COLOURS = {
  light: "--dla-sgd: #1d2329; --dla-momentum: #00609c; --dla-nesterov: #2488c9; --dla-adagrad: #00755a; --dla-rmsprop: #8f6b00; --dla-adadelta: #7a4fb5; --dla-adam: #c44a00; --dla-adamw: #b3478a;",
  dark: "--dla-sgd: #e9edf1; --dla-momentum: #4aa3e0; --dla-nesterov: #9fd3ff; --dla-adagrad: #35c79d; --dla-rmsprop: #f0d04a; --dla-adadelta: #b59cf0; --dla-adam: #ff8a45; --dla-adamw: #f2a0d0;",
};
const LAYOUT = `
.dla { ${COLOURS.light} }
[data-jp-theme-light="false"] .dla, html[data-theme="dark"] .dla { ${COLOURS.dark} }
@media print { .dla, [data-jp-theme-light="false"] .dla, html[data-theme="dark"] .dla { ${COLOURS.light} } }
.dla .dla-race > :first-child { flex: 3 1 345px; }
.dla .dla-race > :last-child { flex: 2 1 235px; }
.dla .dla-race > .dla-body { margin-top: 0; }
.dla .dla-racers { display: grid; grid-template-columns: auto 34px 1fr auto; align-items: center; }
.dla .dla-racers > label { display: grid; grid-template-columns: subgrid; grid-column: 1 / -1; gap: 0 8px; align-items: center; min-height: 25px; font-size: 13px; margin: 0; cursor: pointer; }
.dla .dla-racers > label > :last-child { text-align: right; }
.dla .dla-racers svg { width: 34px; height: 14px; }
`;

const [REACH_1, REACH_2] = [4, 3];
const MARGINS = { left: 44, right: 10, top: 10, bottom: 40 };
const [COLUMNS, ROWS] = [96, 72];
const LAST = 400;
const LOST = 1e9; // a loss above this has diverged: the racer stops
const LEVELS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30];

const SURFACES = {
  valley: {
    title: "a long valley", formula: "E = 0.04 (w_1 − 1)^2 + (w_2 − 0.5)^2", start: [-3.2, 2.2], minima: [[1, 0.5]], saddles: [], ray: [[1, 0.5], [1, -3]],
    loss: ([x, y]) => 0.04 * (x - 1) ** 2 + (y - 0.5) ** 2,
    gradient: ([x, y]) => [0.08 * (x - 1), 2 * (y - 0.5)],
  },
  saddle: {
    title: "a saddle", formula: "E = w_1^2/2 − w_2^2/2 + w_2^4/16 + 1", start: [-3.2, 0.01], minima: [[0, -2], [0, 2]], saddles: [[0, 0]], ray: [[0, -2], [-4, -2]],
    loss: ([x, y]) => x ** 2 / 2 - y ** 2 / 2 + y ** 4 / 16 + 1,
    gradient: ([x, y]) => [x, -y + y ** 3 / 4],
  },
  two_minima: {
    title: "two minima", formula: "E = (w_1 + 2)^2 ((w_1 − 2)^2 + 0.6)/16 + w_2^2/2", start: [3.6, 2.2], minima: [[-2, 0], [(2 + Math.sqrt(2.8)) / 2, 0]], saddles: [], ray: [[-2, 0], [-2, -3]],
    loss: ([x, y]) => ((x + 2) ** 2 * ((x - 2) ** 2 + 0.6)) / 16 + y ** 2 / 2,
    gradient: ([x, y]) => [((x + 2) * ((x - 2) ** 2 + 0.6) + (x + 2) ** 2 * (x - 2)) / 8, y],
  },
};

// Each `update` takes one parameter with its gradient and memory `s`, changes the memory and returns the new parameter.
const OPTIMIZERS = {
  sgd: { title: "SGD", mark: "dot", hollow: true, update: (w, g, s, rate) => w - rate * g },
  momentum: {
    title: "momentum", mark: "square", dash: "9 3",
    update: (w, g, s, rate) => {
      s.v = 0.9 * s.v + g;
      return w - rate * s.v;
    },
  },
  nesterov: {
    title: "Nesterov", mark: "square", hollow: true, dash: "3 3",
    update: (w, g, s, rate) => {
      s.v = 0.9 * s.v + g;
      return w - rate * (g + 0.9 * s.v);
    },
  },
  adagrad: {
    title: "AdaGrad", mark: "triangle", dash: "10 3 2 3",
    update: (w, g, s, rate) => {
      s.v += g * g;
      return w - (rate * g) / (Math.sqrt(s.v) + 1e-8);
    },
  },
  rmsprop: {
    title: "RMSProp", mark: "triangle", hollow: true, dash: "6 3",
    update: (w, g, s, rate) => {
      s.v = 0.9 * s.v + 0.1 * g * g;
      return w - (rate * g) / (Math.sqrt(s.v) + 1e-8);
    },
  },
  adadelta: {
    title: "Adadelta", mark: "cross", dash: "1 4",
    update: (w, g, s) => {
      s.v = 0.95 * s.v + 0.05 * g * g;
      const change = (g * Math.sqrt(s.u + 1e-6)) / Math.sqrt(s.v + 1e-6);
      s.u = 0.95 * s.u + 0.05 * change * change;
      return w - change;
    },
  },
  adam: { title: "Adam", mark: "dot", dash: "15 4", update: (w, g, s, rate, t) => w - rate * adamDirection(g, s, t) },
  adamw: { title: "AdamW", mark: "diamond", dash: "12 3 3 3 3 3", update: (w, g, s, rate, t) => w * (1 - 0.1 * rate) - rate * adamDirection(g, s, t) },
};
const NAMES = Object.keys(OPTIMIZERS);

function adamDirection(g, s, t) {
  s.u = 0.9 * s.u + 0.1 * g;
  s.v = 0.999 * s.v + 0.001 * g * g;
  return s.u / (1 - 0.9 ** t) / (Math.sqrt(s.v / (1 - 0.999 ** t)) + 1e-8);
}

/** Points and losses of one optimiser from the start to `steps` updates, or until its loss is beyond all bounds. */
function race(name, { surface, learning_rate, start }, steps) {
  const { loss, gradient } = SURFACES[surface];
  const memory = start.map(() => ({ u: 0, v: 0 }));
  const points = [start];
  const losses = [loss(start)];
  for (let t = 1; t <= steps && losses.at(-1) < LOST; t += 1) {
    const [now, g] = [points.at(-1), gradient(points.at(-1))];
    points.push(now.map((w, i) => OPTIMIZERS[name].update(w, g[i], memory[i], learning_rate, t)));
    losses.push(loss(points.at(-1)));
  }
  return { points, losses, diverged: !(losses.at(-1) < LOST) };
}

function racer(name, x, y, size = 5) {
  const { mark, hollow } = OPTIMIZERS[name];
  const colour = `var(--dla-${name})`;
  const attributes = { fill: hollow ? "var(--dla-surface)" : colour, stroke: colour, "stroke-width": 2 };
  return mark === "diamond" ? marker("square", x, y, size, { ...attributes, transform: `rotate(45 ${x} ${y})` }) : marker(mark, x, y, size, attributes);
}

const lineStyle = (name) => ({ stroke: `var(--dla-${name})`, "stroke-dasharray": OPTIMIZERS[name].dash, "stroke-width": 2.3 });

function drawSurface(picture, width, height, { surface, start, races, field }) {
  const whole = (reach) => ticks(-reach, reach, 2 * reach);
  const frame = axes(picture, {
    ...MARGINS, width, height, x: { min: -REACH_1, max: REACH_1, label: "parameter w₁", ticks: whole(REACH_1) }, y: { min: -REACH_2, max: REACH_2, label: "parameter w₂", ticks: whole(REACH_2) },
  });
  const inside = clipped(frame);
  const bandOf = (loss) => LEVELS.filter((level) => loss > level).length;
  bandPaths(field, COLUMNS, bandOf, frame).forEach((cells, band) =>
    inside.append(svg("path", { d: cells, fill: "var(--dla-neutral)", "fill-opacity": (0.035 * band).toFixed(3), "shape-rendering": "crispEdges" })));
  const at = (r, c) => [(frame.left + ((c + 0.5) * (frame.right - frame.left)) / COLUMNS).toFixed(1), (frame.top + ((r + 0.5) * (frame.bottom - frame.top)) / ROWS).toFixed(1)];
  for (const level of LEVELS) inside.append(svg("path", { d: contour(field, COLUMNS, level, at), fill: "none", stroke: "var(--dla-neutral)", "stroke-opacity": 0.6 }));
  const { loss, minima, saddles, ray: [from, to] } = SURFACES[surface];
  const onRay = Array.from({ length: 601 }, (_, i) => from.map((w, k) => w + (i / 600) * (to[k] - w)));
  let previous = onRay[0];
  for (const level of LEVELS) {
    const place = onRay.find((point) => loss(point) >= level);
    if (!place || Math.hypot(frame.x(place[0]) - frame.x(previous[0]), frame.y(place[1]) - frame.y(previous[1])) < 26) continue;
    previous = place;
    inside.append(svg("text", { x: frame.x(place[0]), y: frame.y(place[1]) + 4, "text-anchor": "middle", class: "dla-soft dla-halo" }, String(level)));
  }
  const label = (point, text, tone) => svg("text", { x: frame.x(point[0]), y: frame.y(point[1]) + 19, "text-anchor": "middle", class: `dla-${tone} dla-halo`, "font-weight": 600 }, text);
  for (const point of minima) inside.append(marker("cross", frame.x(point[0]), frame.y(point[1]), 6, { stroke: "var(--dla-truth)", "stroke-width": 3 }), label(point, loss(point) > 1e-9 ? "local minimum" : "minimum", "truth"));
  for (const point of saddles) inside.append(marker("cross", frame.x(point[0]), frame.y(point[1]), 6, { stroke: "var(--dla-neutral)", "stroke-width": 3 }), label(point, "saddle", "neutral"));
  const pixel = ([x, y]) => [frame.x(x), frame.y(y)];
  for (const [name, { points }] of races) inside.append(path(points.map(pixel), lineStyle(name)));
  for (const [name, { points }] of races) inside.append(racer(name, ...pixel(points.at(-1)), 5.5));
  inside.append(svg("circle", { cx: frame.x(start[0]), cy: frame.y(start[1]), r: 9, fill: "none", stroke: "var(--dla-ink)", "stroke-width": 2.5 }));
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "loss_surface", title: "Eight optimisers, one start",
    label: "Loss surface: contour lines of a loss of two parameters, the paths of eight optimisers, and their losses by step",
  });
  const read = () => figure.read(defaults);
  let state = {};
  const inReach = (number, reach) => Number(Math.min(reach, Math.max(-reach, number)).toFixed(2));
  const moveTo = ([x, y]) => figure.set({ start: [inReach(x, REACH_1), inReach(y, REACH_2)] });

  const plane = createChart(figure, {
    label: "", height: (width) => ((width - MARGINS.left - MARGINS.right) * REACH_2) / REACH_1 + MARGINS.top + MARGINS.bottom,
    draw: (picture, width, height) => drawSurface(picture, width, height, state),
  });
  steerable(plane.picture, {
    label: "Start of the race: arrow keys move it by 0.1, with Shift by 0.5; the text below says where everything is",
    move: (dx, dy, big) => moveTo([model.get("start")[0] + dx * (big ? 0.5 : 0.1), model.get("start")[1] - dy * (big ? 0.5 : 0.1)]),
    point: (u, v) => {
      const [width, height] = plane.picture.getAttribute("viewBox").split(" ").slice(2).map(Number);
      const along = (pixel, from, to) => (pixel - from) / (to - from);
      moveTo([REACH_1 * (2 * along(u * width, MARGINS.left, width - MARGINS.right) - 1), REACH_2 * (1 - 2 * along(v * height, MARGINS.top, height - MARGINS.bottom))]);
    },
  });
  const losses = createChart(figure, {
    label: "Loss of each optimiser by step on a logarithmic scale; the list and the text below give the numbers", height: 230,
    draw: (picture, width, height) => {
      const last = [50, 100, 200, LAST].find((count) => count >= model.get("step")) * 1.03;
      const frame = axes(picture, { width, height, left: 52, x: { min: 0, max: last, label: "step", count: 4 }, y: { min: 1e-5, max: 30, log: true, label: "loss E" } });
      const inside = clipped(frame);
      const pixel = (loss, t) => [frame.x(t), frame.y(Math.max(loss, 1e-6))];
      for (const [name, run] of state.races) inside.append(path(run.losses.map(pixel), lineStyle(name)));
      for (const [name, run] of state.races) inside.append(racer(name, ...pixel(run.losses.at(-1), run.losses.length - 1), 4.5));
    },
  });
  const shownLoss = Object.fromEntries(NAMES.map((name) => [name, html("span", {})]));
  const racers = html("div", { class: "dla-racers", role: "group", "aria-label": "optimisers shown, with their loss now" }, NAMES.map((name) => {
    const input = html("input", { type: "checkbox", "data-trait": name, ...SHORTCUTS });
    const refresh = () => { input.checked = model.get("optimizers").includes(name); };
    input.addEventListener("change", () => figure.set({ optimizers: NAMES.filter((other) => (other === name ? input.checked : model.get("optimizers").includes(other))) }));
    figure.watch(["optimizers"], refresh);
    refresh();
    return html("label", {}, input,
      svg("svg", { viewBox: "0 0 34 14", "aria-hidden": "true" }, path([[1, 7], [33, 7]], lineStyle(name)), racer(name, 17, 7, 4)),
      OPTIMIZERS[name].title, shownLoss[name]);
  }));
  const run = counter(figure, {
    trait: "step", last: LAST, label: "Play", interval: 50, ways: [["1 step", 1, "step"], ["10 steps", 10, "steps"]], onStop: () => draw(),
  });
  const startField = (i) => numberField(figure, {
    trait: "start", name: `start_${i + 1}`, label: formula(`start w_${i + 1}`), min: i ? -REACH_2 : -REACH_1, max: i ? REACH_2 : REACH_1, step: 0.1,
    read: () => model.get("start")[i],
    write: (number) => figure.set({ start: model.get("start").map((old, j) => (j === i ? number : old)) }),
  });
  const about = html("p", { class: "dla-formula" });
  const steps = html("span", {});
  const table = html("div", { class: "dla-table-box" });
  figure.body.append(
    html("div", { class: "dla-row" },
      choice(figure, { trait: "surface", label: "surface", options: Object.entries(SURFACES).map(([key, { title }]) => [key, title]) }),
      slider(figure, { trait: "learning_rate", label: formula("learning rate η"), min: 0.001, max: 2, step: 0.02, log: true, show: (rate) => format(rate, 3) }),
      startField(0), startField(1)),
    html("div", { class: "dla-row" },
      html("div", { class: "dla-buttons" }, run.buttons),
      about),
    html("div", { class: "dla-columns dla-race" },
      html("div", { class: "dla-body" }, plane.picture, losses.picture),
      html("div", { class: "dla-body" },
        html("p", { class: "dla-heading" }, "Loss after ", steps, " steps"), racers,
        html("p", { class: "dla-caption" }, formula("Momentum and Nesterov: 0.9. RMSProp: decay 0.9. Adadelta: decay 0.95, ε = 10^{−6}, no learning rate. Adam and AdamW: β_1 = 0.9, β_2 = 0.999. AdamW: weight decay 0.1. Elsewhere ε = 10^{−8}.")))),
    html("details", {}, html("summary", {}, "Where each one is"), table),
  );

  const draw = () => {
    const { surface, learning_rate, start, step, optimizers } = read();
    if (state.surface !== surface) {
      state.field = Float64Array.from({ length: COLUMNS * ROWS }, (_, i) => SURFACES[surface].loss([
        REACH_1 * ((2 * (i % COLUMNS) + 1) / COLUMNS - 1), REACH_2 * (1 - (2 * Math.floor(i / COLUMNS) + 1) / ROWS),
      ]));
      about.replaceChildren(formula(SURFACES[surface].formula));
    }
    const races = NAMES.filter((name) => optimizers.includes(name)).map((name) => [name, race(name, read(), step)]);
    state = { ...state, surface, start, races };
    steps.replaceChildren(value("steps", step, { digits: 0 }));
    for (const name of NAMES) shownLoss[name].replaceChildren();
    for (const [name, { losses: course, diverged }] of races) shownLoss[name].replaceChildren(diverged ? html("span", { class: "dla-error" }, "diverged") : value(`loss_${name}`, course.at(-1)));
    const head = ["optimiser", formula("w_1"), formula("w_2"), formula("loss E")];
    table.replaceChildren(dataTable(head, races.map(([name, { points, losses: course, diverged }]) => html("tr", {}, html("th", { scope: "row" }, OPTIMIZERS[name].title),
      diverged
        ? html("td", { colspan: 3 }, `diverged at step ${course.length - 1}`)
        : [[`w1_${name}`, points.at(-1)[0]], [`w2_${name}`, points.at(-1)[1]], [`loss_${name}`, course.at(-1)]].map(([key, number]) => html("td", {}, value(key, number)))))));
    plane.redraw();
    losses.redraw();
    const ranked = races.filter(([, { diverged }]) => !diverged).sort(([, a], [, b]) => a.losses.at(-1) - b.losses.at(-1));
    const lost = races.filter(([, { diverged }]) => diverged).map(([name]) => OPTIMIZERS[name].title);
    (run.running() ? figure.mention : figure.say)(`Surface: ${SURFACES[surface].title}; start at (${start.map((w) => format(w, 2)).join(", ")}), learning rate ${format(learning_rate, 3)}, after ${step} steps. Loss, lowest first: ${ranked.map(([name, { losses: course }]) => `${OPTIMIZERS[name].title} ${format(course.at(-1))}`).join(", ") || "none shown"}.${lost.length ? ` Diverged: ${lost.join(", ")}.` : ""}`);
  };
  figure.watch(["surface"], () => figure.set({ start: SURFACES[model.get("surface")].start }));
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };
