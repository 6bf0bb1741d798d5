// A small network learns to separate two classes in the plane: full-batch gradient descent, computed here, step by step.

export const defaults = {
  data: "moons", noise: 0.15, hidden_layers: 1, width: 6, activation: "tanh", learning_rate: 1.0, seed: 1,
};

const LAYOUT = `
.dla .dla-boundary > :first-child { flex: 3 1 380px; }
.dla .dla-boundary > :last-child { flex: 2 1 260px; margin-top: 0; }
`;

const POINTS = 100;
const FRESH = 400;
const REACH = 3;
const CELLS = 64;
const DATA_SEED = 2026;
const LEVELS = 10;

const onCircle = (centre, radius, turn) => [centre[0] + radius * Math.cos(turn), centre[1] + radius * Math.sin(turn)];

/** Where a point of class y lies before the noise; u and v are uniform in [0, 1). */
const SHAPES = {
  moons: {
    title: "two moons",
    place: (y, u) => (y ? onCircle([0.75, 0.375], 1.5, Math.PI * (1 + u)) : onCircle([-0.75, -0.375], 1.5, Math.PI * u)),
  },
  circles: { title: "a disc in a ring", place: (y, u, v) => onCircle([0, 0], y ? 0.9 * Math.sqrt(v) : 1.4 + 0.5 * v, 2 * Math.PI * u) },
  xor: {
    title: "XOR",
    place: (y, u, v) => {
      const side = u < 0.5 ? 1 : -1;
      return [side * (0.2 + 3 * (u % 0.5)), side * (y ? -1 : 1) * (0.2 + 1.5 * v)];
    },
  },
};

/** N points (N × 2, row by row) with labels 0, 1, 0, 1, …; each point draws two uniform numbers for its place, then two normal ones for the noise. */
function drawData(shape, noise, N, uniform) {
  const normal = normalStream(uniform);
  const x = new Float64Array(2 * N);
  const y = new Uint8Array(N);
  for (let n = 0; n < N; n += 1) {
    y[n] = n % 2;
    const [u, v] = [uniform(), uniform()];
    const place = SHAPES[shape].place(y[n], u, v);
    x[2 * n] = place[0] + noise * normal();
    x[2 * n + 1] = place[1] + noise * normal();
  }
  return { x, y, N };
}

function createNetwork({ hidden_layers, width, activation, seed }) {
  const sizes = [2, ...new Array(hidden_layers).fill(width), 1];
  const activations = [...new Array(hidden_layers).fill(activation), "identity"];
  return createLayers(sizes, activations, activation === "relu" ? Math.SQRT2 : 1, normalStream(uniformStream(seed)));
}

const logitsOf = (network, x, N) => forwardLayers(network, x, N).at(-1);

/** Mean cross-entropy in nats from logits, and the share of points on the right side of 0. */
function judge(a, { y, N }) {
  let [loss, right] = [0, 0];
  for (let n = 0; n < N; n += 1) {
    loss += softplus(y[n] ? -a[n] : a[n]) / N;
    right += (a[n] > 0) === (y[n] === 1);
  }
  return { loss, accuracy: right / N };
}

/** One step of gradient descent on the mean cross-entropy; returns the loss before it. */
function descend(network, data, learningRate) {
  const { x, y, N } = data;
  const values = forwardLayers(network, x, N);
  const upstream = values.at(-1).map((a, n) => (sigmoid(a) - y[n]) / N);
  const { gradients } = backwardLayers(network, values, upstream, N);
  network.forEach((layer, l) => {
    for (const part of ["w", "b"]) gradients[l][part].forEach((gradient, i) => { layer[part][i] -= learningRate * gradient; });
  });
  return judge(values.at(-1), data).loss;
}

function drawField(picture, width, height, { network, data, field }) {
  const frame = axes(picture, {
    width, height, left: 44, x: { min: -REACH, max: REACH, label: "x₁", ticks: [-3, -2, -1, 0, 1, 2, 3] }, y: { min: -REACH, max: REACH, label: "x₂", ticks: [-3, -2, -1, 0, 1, 2, 3] },
  });
  const [wide, tall] = [(frame.right - frame.left) / CELLS, (frame.bottom - frame.top) / CELLS];
  const bandOf = (a) => Math.min(LEVELS - 1, Math.floor(LEVELS * sigmoid(a)));
  bandPaths(field, CELLS, bandOf, frame).forEach((cells, band) => {
    const sure = Math.abs(band + 0.5 - LEVELS / 2) / (LEVELS / 2);
    frame.layer.append(svg("path", { d: cells, fill: `var(--dla-${band < LEVELS / 2 ? "data" : "prediction"})`, "fill-opacity": (0.06 + 0.4 * sure).toFixed(3), "shape-rendering": "crispEdges" }));
  });
  frame.layer.append(svg("path", {
    d: contour(field, CELLS, 0, (r, c) => [(frame.left + (c + 0.5) * wide).toFixed(1), (frame.top + (r + 0.5) * tall).toFixed(1)]),
    fill: "none", stroke: "var(--dla-ink)", "stroke-width": 2.4, "stroke-linecap": "round",
  }));
  const a = logitsOf(network, data.x, data.N);
  for (let n = 0; n < data.N; n += 1) {
    if (Math.abs(data.x[2 * n]) > REACH || Math.abs(data.x[2 * n + 1]) > REACH) continue;
    const [x, y] = [frame.x(data.x[2 * n]), frame.y(data.x[2 * n + 1])];
    const [tone, kind] = data.y[n] ? ["prediction", "square"] : ["data", "dot"];
    frame.layer.append(marker(kind, x, y, 4.2, { fill: `var(--dla-${tone})`, stroke: "var(--dla-surface)", "stroke-width": 1.2 }));
    if ((a[n] > 0) !== (data.y[n] === 1)) frame.layer.append(svg("circle", { cx: x, cy: y, r: 8, fill: "none", stroke: "var(--dla-error)", "stroke-width": 2 }));
  }
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "decision_boundary", title: "A small network draws its boundary",
    label: "Decision boundary: a small network trained live by gradient descent on two classes of points",
  });
  const read = () => figure.read(defaults);
  const gridPoints = Float64Array.from({ length: 2 * CELLS * CELLS }, (_, i) => {
    const [cell, axis] = [Math.floor(i / 2), i % 2];
    const place = axis ? CELLS - 1 - Math.floor(cell / CELLS) : cell % CELLS;
    return -REACH + (2 * REACH * (place + 0.5)) / CELLS;
  });
  let state = null;
  const reset = () => {
    run.stop();
    const { data, noise } = read();
    const uniform = uniformStream(DATA_SEED);
    state = { data: drawData(data, noise, POINTS, uniform), fresh: drawData(data, noise, FRESH, uniform), network: createNetwork(read()), steps: 0, history: [], stride: 1 };
    show();
  };
  const train = (count) => {
    for (let i = 0; i < count; i += 1) {
      const loss = descend(state.network, state.data, model.get("learning_rate"));
      if (state.steps % state.stride === 0) state.history.push([state.steps, loss]);
      if (state.history.length > 400) {
        state.stride *= 2;
        state.history = state.history.filter(([step]) => step % state.stride === 0);
      }
      state.steps += 1;
    }
  };
  const plane = createChart(figure, {
    label: "The points, the network's probability as a shaded field, and the boundary where it is one half; the text below gives the numbers",
    height: (width) => Math.min(460, width - 2),
    draw: (picture, width, height) => drawField(picture, width, height, state),
  });
  const losses = createChart(figure, {
    label: "Loss after each step", height: 190,
    draw: (picture, width, height) => {
      const last = Math.max(100, state.steps);
      const drawn = [...state.history, state.latest].filter(([, loss]) => Number.isFinite(loss));
      const top = Math.min(3, 1.1 * Math.max(0.75, ...drawn.map(([, loss]) => loss)));
      const frame = axes(picture, { width, height, left: 50, x: { min: 0, max: last, label: "steps", count: 3 }, y: { min: 0, max: top, label: "loss (nats)", count: 3 } });
      const start = frame.y(Math.LN2);
      frame.layer.append(
        svg("line", { x1: frame.left, x2: frame.right, y1: start, y2: start, stroke: "var(--dla-neutral)", "stroke-dasharray": "2 4" }),
        svg("text", { x: frame.right, y: start - 4, "text-anchor": "end", class: "dla-soft dla-halo" }, "guessing: log 2"),
        path(drawn.map(([step, loss]) => [frame.x(step), frame.y(Math.min(loss, top))]), { stroke: "var(--dla-error)" }),
        marker("dot", frame.x(drawn.at(-1)[0]), frame.y(Math.min(drawn.at(-1)[1], top)), 4.5, { fill: "var(--dla-error)" }));
    },
  });
  const numbers = html("div", { class: "dla-facts" });
  const share = (name, accuracy) => value(name, accuracy, { text: `${format(100 * accuracy, 1)} %` });
  const show = () => {
    const { network, data, fresh, steps } = state;
    const now = judge(logitsOf(network, data.x, data.N), data);
    const other = judge(logitsOf(network, fresh.x, fresh.N), fresh);
    state.latest = [steps, now.loss];
    state.field = logitsOf(network, gridPoints, CELLS * CELLS);
    state.now = { ...now, other };
    const parameters = network.reduce((sum, { w, b }) => sum + w.length + b.length, 0);
    numbers.replaceChildren(...facts([
      ["steps; parameters", html("span", {}, value("steps", steps, { digits: 0 }), "; ", value("parameters", parameters, { digits: 0 }))],
      ["loss (mean cross-entropy, nats)", value("loss", now.loss), "error"],
      [`right, of the ${POINTS} points`, share("accuracy", now.accuracy), "truth"],
      [`right, of ${FRESH} other points`, share("accuracy_fresh", other.accuracy), "truth"],
    ]));
    plane.redraw();
    losses.redraw();
    speak(run.running() ? figure.mention : figure.say);
  };
  const speak = (say = figure.say) => {
    const { data, hidden_layers, width, activation, learning_rate } = read();
    const { loss, accuracy, other } = state.now;
    say(`${SHAPES[data].title}, network ${[2, ...new Array(hidden_layers).fill(width), 1].join("–")} with ${activation === "relu" ? "ReLU" : activation}, learning rate ${format(learning_rate, 2)}: after ${state.steps} steps the loss is ${format(loss)} nats; ${format(100 * accuracy, 1)} % of the ${POINTS} points and ${format(100 * other.accuracy, 1)} % of ${FRESH} other points are on the right side.${Number.isFinite(loss) ? "" : " The loss is no longer a number: the learning rate is too large."}`);
  };
  const run = player(figure, {
    label: "Run", interval: 20, onStop: () => speak(),
    step: () => {
      const from = performance.now();
      const before = state.steps;
      while (performance.now() - from < 20 && state.steps - before < 10) train(1);
      show();
    },
  });
  const go = (count) => () => {
    train(count);
    show();
  };
  figure.body.append(
    html("div", { class: "dla-row" },
      choice(figure, { trait: "data", label: "points", options: Object.entries(SHAPES).map(([key, { title }]) => [key, title]) }),
      choice(figure, { trait: "hidden_layers", label: "network", options: [[1, "2–H–1"], [2, "2–H–H–1"]] }),
      choice(figure, { trait: "activation", label: "activation", options: [["tanh", "tanh"], ["relu", "ReLU"]] }),
      slider(figure, { trait: "width", label: formula("hidden units H"), min: 1, max: 16, step: 1, show: String }),
      slider(figure, { trait: "learning_rate", label: formula("learning rate η"), min: 0.01, max: 10, step: 0.1, log: true }),
      slider(figure, { trait: "noise", label: "noise", min: 0, max: 0.4, step: 0.05 })),
    html("div", { class: "dla-columns dla-boundary" },
      html("div", {}, legend([
        { text: "class 0", tone: "data", mark: "dot" }, { text: "class 1", tone: "prediction", mark: "square" },
        { text: formula("boundary, p = 0.5"), tone: "ink" }, { text: "on the wrong side", tone: "error", mark: "ring" },
      ]), plane.picture),
      html("div", { class: "dla-body" },
        html("div", { class: "dla-buttons" },
          run.control,
          button("1 step", go(1), { class: "dla-primary", "data-action": "step" }),
          button("100 steps", go(100), { "data-action": "steps" }),
          button("Reset", reset, { "data-action": "reset" }),
          button("Other start", () => figure.set({ seed: model.get("seed") + 1 }), { "data-action": "reseed" })),
        numbers, losses.picture)),
  );
  figure.watch(["data", "noise", "hidden_layers", "width", "activation", "seed"], batched(reset));
  figure.watch(["learning_rate"], batched(speak));
  reset();
  return figure.cleanup;
}

export default { render };
