// A polynomial fitted to noisy samples: what its degree, a penalty and more samples do to training and validation error.

export const defaults = { degree: 9, penalty: 0, samples: 15, seed: 1 };

const LAYOUT = `
.dla .dla-capacity > * { flex: 1 1 290px; display: flex; flex-direction: column; gap: 6px; }
`;

const HIGHEST = 12;
const VALIDATION = 200;
const VALIDATION_SEED = 2026;
const NOISE = 0.3;
const SMALLEST = 1e-7; // the smallest penalty but 0 on the slider
const truth = (x) => Math.sin(4.5 * x);

/** N samples: x uniform in [−1, 1], one in each of N equal intervals; y = truth + noise. Each draws its place, then its noise. */
function drawSamples(N, seed) {
  const uniform = uniformStream(seed);
  const normal = normalStream(uniform);
  return Array.from({ length: N }, (_, n) => {
    const x = -1 + (2 * (n + uniform())) / N;
    return [x, truth(x) + NOISE * normal()];
  });
}

const polynomial = (w, x) => w.reduceRight((sum, weight) => sum * x + weight, 0);
const meanSquare = (w, samples) => samples.reduce((sum, [x, y]) => sum + (y - polynomial(w, x)) ** 2, 0) / samples.length;

/** The w that minimises ‖A w − y‖², by Householder reflections; A has full column rank. */
function leastSquares(A, y) {
  const rows = A.map((row, n) => [...row, y[n]]);
  const columns = A[0].length;
  for (let k = 0; k < columns; k += 1) {
    const below = rows.slice(k).map((row) => row[k]);
    const v = below.with(0, below[0] + (Math.sign(below[0]) || 1) * Math.hypot(...below));
    const square = v.reduce((sum, entry) => sum + entry * entry, 0);
    for (let c = k; c <= columns; c += 1) {
      const factor = (2 * v.reduce((sum, entry, i) => sum + entry * rows[k + i][c], 0)) / square;
      v.forEach((entry, i) => { rows[k + i][c] -= factor * entry; });
    }
  }
  const w = new Array(columns).fill(0);
  for (let k = columns - 1; k >= 0; k -= 1) {
    w[k] = (rows[k][columns] - w.reduce((sum, weight, c) => (c > k ? sum + rows[k][c] * weight : sum), 0)) / rows[k][k];
  }
  return w;
}

/** Weights w_0 … w_degree; the penalty N λ w_k² enters as one more row √(N λ) e_k for each k ≥ 1. */
function fit(samples, degree, penalty) {
  const A = samples.map(([x]) => Array.from({ length: degree + 1 }, (_, k) => x ** k));
  const y = samples.map(([, target]) => target);
  if (penalty > 0) {
    for (let k = 1; k <= degree; k += 1) {
      A.push(Array.from({ length: degree + 1 }, (_, c) => (c === k ? Math.sqrt(samples.length * penalty) : 0)));
      y.push(0);
    }
  }
  return leastSquares(A, y);
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "capacity", title: "Which degree fits best?",
    label: "Capacity: a polynomial fitted to noisy samples, and its training and validation error by degree",
  });
  const read = () => figure.read(defaults);
  const validation = drawSamples(VALIDATION, VALIDATION_SEED);
  let state = {};
  const curve = createChart(figure, {
    label: "Samples, the true curve and the fitted polynomial; the text below gives the errors", height: 300,
    draw: (picture, width, height) => {
      const { samples, w } = state;
      const frame = axes(picture, { width, height, left: 44, x: { min: -1, max: 1, label: "input x", count: 4 }, y: { min: -2.5, max: 2.5, label: "target y", ticks: [-2, -1, 0, 1, 2] } });
      const inside = clipped(frame);
      const grid = Array.from({ length: 401 }, (_, i) => -1 + i / 200);
      const line = (f) => grid.map((x) => [frame.x(x), frame.y(Math.min(20, Math.max(-20, f(x))))]);
      inside.append(
        ...validation.map(([x, y]) => marker("square", frame.x(x), frame.y(y), 1.7, { fill: "var(--dla-neutral)", "fill-opacity": 0.45 })),
        path(line(truth), { stroke: "var(--dla-truth)", "stroke-dasharray": "7 4" }),
        ...samples.map(([x, y]) => path([[frame.x(x), frame.y(y)], [frame.x(x), frame.y(polynomial(w, x))]], { stroke: "var(--dla-error)", "stroke-width": 1.4 })),
        path(line((x) => polynomial(w, x)), { stroke: "var(--dla-prediction)", "stroke-width": 2.6 }),
        ...samples.map(([x, y]) => marker("dot", frame.x(x), frame.y(y), 4.4, { fill: "var(--dla-data)", stroke: "var(--dla-surface)", "stroke-width": 1.2 })));
    },
  });
  const errors = createChart(figure, {
    label: "Training and validation error by degree on a logarithmic scale; the table and the text below say the same", height: 300,
    draw: (picture, width, height) => {
      const { byDegree, degree } = state;
      const frame = axes(picture, {
        width, height, x: { min: -0.4, max: HIGHEST + 0.4, label: "degree of the polynomial", ticks: [0, 2, 4, 6, 8, 10, 12] }, y: { min: 1e-3, max: 10, log: true, label: "mean squared error" },
      });
      const floor = frame.y(NOISE ** 2);
      frame.layer.append(
        svg("line", { x1: frame.x(degree), x2: frame.x(degree), y1: frame.top, y2: frame.bottom, stroke: "var(--dla-ink)", "stroke-dasharray": "3 3" }),
        svg("line", { x1: frame.left, x2: frame.right, y1: floor, y2: floor, stroke: "var(--dla-truth)", "stroke-dasharray": "7 4" }));
      const inside = clipped(frame);
      for (const [key, tone, kind] of [["training", "data", "dot"], ["validation", "error", "square"]]) {
        const points = byDegree.map((errorsThere, d) => [frame.x(d), frame.y(Math.max(errorsThere[key], 1e-5))]);
        inside.append(path(points, { stroke: `var(--dla-${tone})`, "stroke-dasharray": key === "training" ? "2 4" : undefined }));
        points.forEach(([x, y], d) => inside.append(marker(kind, x, y, d === degree ? 6.5 : 3.4, { fill: d === degree ? `var(--dla-${tone})` : "var(--dla-surface)", stroke: `var(--dla-${tone})`, "stroke-width": 1.8 })));
      }
      frame.layer.append(svg("text", { x: frame.right - 4, y: floor + 15, "text-anchor": "end", class: "dla-truth dla-halo" }, "noise: 0.3² = 0.09"));
    },
  });
  const numbers = html("div", { class: "dla-facts" });
  const table = html("div", { class: "dla-table-box" });
  figure.body.append(
    html("div", { class: "dla-row" },
      slider(figure, { trait: "degree", label: "degree", min: 0, max: HIGHEST, step: 1, show: String }),
      slider(figure, { trait: "penalty", label: formula("ridge penalty λ"), min: SMALLEST, max: 10, step: 0.25, log: true, zero: true, show: (penalty) => (penalty ? format(penalty, 4) : "0") }),
      slider(figure, { trait: "samples", label: formula("samples N"), min: 15, max: 100, step: 5, show: String }),
      html("div", { class: "dla-buttons" },
        button("Other samples", () => figure.set({ seed: model.get("seed") + 1 }), { "data-action": "reseed" }),
        button("Reset", () => figure.set(defaults), { "data-action": "reset" }))),
    html("div", { class: "dla-columns dla-capacity" },
      html("div", {},
        legend([{ text: "sample", tone: "data", mark: "dot" }, { text: "fit", tone: "prediction" }, { text: "true curve", tone: "truth", dash: "7 4" }, { text: "residual", tone: "error" }, { text: "validation", tone: "neutral", mark: "square" }]),
        curve.picture),
      html("div", {}, legend([{ text: "training error", tone: "data", mark: "dot" }, { text: "validation error", tone: "error", mark: "square" }]), errors.picture)),
    numbers,
    html("details", {}, html("summary", {}, "Every degree, and the weights of this one"), table),
  );

  const draw = () => {
    const { degree, penalty, samples: N, seed } = read();
    const samples = drawSamples(N, seed);
    const fits = Array.from({ length: HIGHEST + 1 }, (_, d) => fit(samples, d, penalty));
    const byDegree = fits.map((w) => ({ training: meanSquare(w, samples), validation: meanSquare(w, validation) }));
    const best = byDegree.reduce((lowest, { validation: error }, d) => (error < byDegree[lowest].validation ? d : lowest), 0);
    const w = fits[degree];
    state = { samples, byDegree, degree, w };
    const { training, validation: validating } = byDegree[degree];
    const size = Math.hypot(...w.slice(1));
    numbers.replaceChildren(...facts([
      ["training error", value("training", training), "data"],
      ["validation error", value("validation", validating), "error"],
      ["degree of least validation error", value("best", best, { digits: 0 }), "truth"],
      [formula("length of the weights, √(Σ_{k≥1} w_k^2)"), value("size", size, { digits: 2 })],
    ]));
    const head = ["degree", "training error", "validation error", formula("w_k of this degree")];
    table.replaceChildren(dataTable(head, byDegree.map((there, d) => html("tr", {}, html("th", { scope: "row" }, String(d)),
      html("td", {}, value(`training_${d}`, there.training, { tone: "data" })), html("td", {}, value(`validation_${d}`, there.validation, { tone: "error" })), html("td", {}, d <= degree ? value(`w_${d}`, w[d], { digits: 3 }) : "")))));
    curve.redraw();
    errors.redraw();
    const verdict = validating < 1.15 * byDegree[best].validation ? "this is about as well as any degree does here"
      : degree < best ? "too little capacity: both errors are large" : "too much capacity: it follows the noise of its samples";
    figure.say(`Degree ${degree}, ${N} samples, ${penalty ? `ridge penalty ${format(penalty, 4)}` : "no penalty"}: training error ${format(training)}, validation error ${format(validating)}; ${verdict}. The least validation error, ${format(byDegree[best].validation)}, is at degree ${best}; the noise alone gives 0.09.`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };
