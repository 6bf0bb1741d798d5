// Dropout on the hidden units of a small network: each mask is a sub-network. Everything shown is a pure function of
// the traits: `masks` counts the masks drawn, the last one is in force.

export const defaults = { hidden_layers: 1, keep_probability: 0.5, scaling: "inverted", masks: 20, seed: 24 };

const LAYOUT = `
.dla .dla-dropout > * { flex: 1 1 290px; display: flex; flex-direction: column; gap: 6px; }
`;

const LAST = 500;
const X = [1, 0.5];
// Weights (in × out) and biases; the hidden layers are ReLU, the output is linear.
const FIRST = { w: [[1, -0.5, 0.8, 0.6], [0.5, 1.4, -0.3, -0.4]], b: [0, 0.2, 0.1, 0.5] };
const NETWORKS = {
  1: [FIRST, { w: [[1], [-0.8], [1.2], [0.7]], b: [0.1] }],
  2: [
    FIRST,
    { w: [[0.9, -0.6, 0.5, 0.3], [-0.4, 1.1, 0.6, -0.8], [0.7, 0.4, -0.9, 0.8], [-0.5, 0.8, 0.9, 0.6]], b: [-0.3, -0.2, 0.1, -0.4] },
    { w: [[1], [-0.7], [0.9], [1.2]], b: [0.1] },
  ],
};

/** Values of every layer, [x, h₁, …, output]; `factors` multiply the hidden units, layer by layer. */
function forward(network, factors) {
  return network.reduce((values, { w, b }, l) => {
    const a = b.map((bias, j) => values.at(-1).reduce((sum, entry, i) => sum + entry * w[i][j], bias));
    return [...values, l + 1 < network.length ? a.map((entry, j) => Math.max(0, entry) * factors[l][j]) : a];
  }, [X]);
}

const inLayers = (flat) => Array.from({ length: flat.length / 4 }, (_, l) => flat.slice(4 * l, 4 * l + 4));

/** What the units are multiplied by: under a mask, and in the full network when it predicts. */
const SCALINGS = {
  inverted: { title: "inverted: kept units × 1/q", kept: (q) => 1 / q, full: () => 1, words: "inverted dropout" },
  original: { title: "original: full network × q", kept: () => 1, full: (q) => q, words: "the original scaling" },
};

/** The mean output over all masks, each as often as it is likely. */
function meanOverAll(outputs, units, q) {
  return outputs.reduce((sum, output, code) => {
    const kept = Array.from({ length: units }, (_, i) => (code >> i) & 1).reduce((count, bit) => count + bit, 0);
    return sum + output * q ** kept * (1 - q) ** (units - kept);
  }, 0);
}

function drawNetwork(picture, width, height, { network, values, mask }) {
  const layers = values.length;
  const [left, right] = [34, width - 46];
  const place = (l, i) => [left + (l * (right - left)) / (layers - 1), (height - 22) * ((i + 0.5) / values[l].length)];
  const isKept = (l, i) => l === 0 || l === layers - 1 || mask === undefined || mask[l - 1][i] === 1;
  network.forEach(({ w }, l) => w.forEach((row, i) => row.forEach((weight, j) => {
    const active = isKept(l, i) && isKept(l + 1, j);
    const [[x1, y1], [x2, y2]] = [place(l, i), place(l + 1, j)];
    picture.append(svg("line", {
      x1, y1, x2, y2, stroke: active ? "var(--dla-ink)" : "var(--dla-line)", "stroke-width": active ? 0.8 + 2 * Math.abs(weight) : 1, "stroke-dasharray": weight < 0 ? "6 4" : undefined,
    }));
  })));
  values.forEach((layer, l) => {
    const tone = l === 0 ? "data" : l === layers - 1 ? "prediction" : "ink";
    layer.forEach((entry, i) => {
      const [x, y] = place(l, i);
      const kept = isKept(l, i);
      picture.append(svg("circle", { cx: x, cy: y, r: 20, fill: "var(--dla-surface)", stroke: kept ? `var(--dla-${tone})` : "var(--dla-neutral)", "stroke-width": kept ? 2.5 : 1.5, "stroke-dasharray": kept ? undefined : "3 4" }));
      if (kept) picture.append(svg("text", { x, y: y + 4, "text-anchor": "middle", "font-weight": 600 }, format(entry, 2)));
      else picture.append(marker("cross", x, y, 7, { stroke: "var(--dla-neutral)" }));
    });
    const [x] = place(l, 0);
    picture.append(svg("text", { x, y: height - 4, "text-anchor": "middle", class: "dla-soft" }, l === 0 ? "input" : l === layers - 1 ? "output" : layers === 3 ? "hidden" : `hidden ${l}`));
  });
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "dropout_subnetworks", title: "Every mask is a sub-network",
    label: "Dropout: a small network with some hidden units dropped, its output, and the mean of the outputs over many masks",
  });
  const read = () => figure.read(defaults);
  let state = {};
  const net = createChart(figure, {
    label: "The network; dropped units are crossed out. The table and the text below say the same", height: 270,
    draw: (picture, width, height) => drawNetwork(picture, width, height, state),
  });
  const means = createChart(figure, {
    label: "Output of each mask and their running mean; the text below gives the numbers", height: 270,
    draw: (picture, width, height) => {
      const { drawn, outputs, full, expected } = state;
      const last = [20, 50, 100, 200, LAST].find((count) => count >= drawn.length);
      const reach = [...outputs, full, expected];
      const [low, high] = [Math.min(...reach), Math.max(...reach)];
      const margin = 0.06 * (high - low);
      const frame = axes(picture, { width, height, left: 46, x: { min: 0, max: last * 1.03, label: "masks drawn", count: 4 }, y: { min: low - margin, max: high + margin, label: "output" } });
      const level = (number, attributes) => svg("line", { x1: frame.left, x2: frame.right, y1: frame.y(number), y2: frame.y(number), ...attributes });
      frame.layer.append(
        ...drawn.map(({ output }, n) => svg("circle", { cx: frame.x(n + 1), cy: frame.y(output), r: 2.6, fill: "var(--dla-prediction)", "fill-opacity": 0.55 })),
        level(full, { stroke: "var(--dla-truth)", "stroke-width": 2.4, "stroke-dasharray": "9 4" }),
        level(expected, { stroke: "var(--dla-neutral)", "stroke-width": 1.8, "stroke-dasharray": "2 4" }));
      if (!drawn.length) return;
      frame.layer.append(
        path(drawn.map(({ mean }, n) => [frame.x(n + 1), frame.y(mean)]), { stroke: "var(--dla-ink)", "stroke-width": 2.4 }),
        marker("dot", frame.x(drawn.length), frame.y(drawn.at(-1).output), 5, { fill: "var(--dla-prediction)", stroke: "var(--dla-surface)" }));
    },
  });
  const run = counter(figure, {
    trait: "masks", last: LAST, label: "Run", interval: 90, ways: [["New mask", 1, "mask"], ["20 masks", 20, "masks"]], onStop: () => draw(),
  });
  const numbers = html("div", { class: "dla-facts" });
  const table = html("div", { class: "dla-table-box" });
  figure.body.append(
    html("div", { class: "dla-row" },
      choice(figure, { trait: "hidden_layers", label: "network", options: [[1, "2–4–1"], [2, "2–4–4–1"]] }),
      choice(figure, { trait: "scaling", label: "scaling", options: Object.entries(SCALINGS).map(([key, { title }]) => [key, title]) }),
      slider(figure, { trait: "keep_probability", label: formula("keep probability q"), min: 0.1, max: 1, step: 0.05 })),
    html("div", { class: "dla-buttons" }, run.buttons,
      button("Other masks", () => figure.set({ seed: model.get("seed") + 1 }), { "data-action": "reseed" })),
    html("div", { class: "dla-columns dla-dropout" },
      html("div", {}, legend([
        { text: "weight", tone: "ink" }, { text: "negative weight", tone: "ink", dash: "6 4" }, { text: "dropped unit", tone: "neutral", mark: "ring", dash: "3 4" },
      ]), net.picture),
      html("div", {}, legend([
        { text: "output of a mask", tone: "prediction", mark: "dot" }, { text: "running mean", tone: "ink" }, { text: "full network", tone: "truth", dash: "9 4" }, { text: "mean over all masks", tone: "neutral", dash: "2 4" },
      ]), means.picture)),
    numbers,
    html("details", {}, html("summary", {}, "Every hidden unit and its weights"), table),
  );

  const draw = () => {
    const { hidden_layers, keep_probability: q, scaling, masks, seed } = read();
    const network = NETWORKS[hidden_layers];
    const units = 4 * hidden_layers;
    const { kept, full: fullFactor, words } = SCALINGS[scaling];
    const under = (flat) => forward(network, inLayers(flat.map((bit) => bit * kept(q))));
    const outputs = Array.from({ length: 2 ** units }, (_, code) => under(Array.from({ length: units }, (_, i) => (code >> i) & 1)).at(-1)[0]);
    const fullValues = forward(network, inLayers(new Array(units).fill(fullFactor(q))));
    const uniform = uniformStream(seed);
    const drawn = [];
    let sum = 0;
    for (let n = 1; n <= masks; n += 1) {
      const flat = Array.from({ length: units }, () => (uniform() < q ? 1 : 0));
      const code = flat.reduce((total, bit, i) => total + (bit << i), 0);
      sum += outputs[code];
      drawn.push({ flat, code, output: outputs[code], mean: sum / n });
    }
    const now = drawn.at(-1);
    const full = fullValues.at(-1)[0];
    const expected = meanOverAll(outputs, units, q);
    const values = now ? under(now.flat) : fullValues;
    const seen = new Set(drawn.map(({ code }) => code)).size;
    state = { network, values, mask: now && inLayers(now.flat), drawn, outputs, full, expected };
    numbers.replaceChildren(...facts([
      [now ? `output of mask ${masks}` : "no mask drawn yet", value("output", now?.output), "prediction"],
      [html("span", {}, `mean of ${masks} masks (`, value("seen", seen, { digits: 0 }), ` of ${outputs.length} sub-networks)`), value("mean", now?.mean)],
      ["full network", value("full", full), "truth"],
      [`mean over all ${outputs.length} masks`, value("expected", expected), "neutral"],
    ]));
    const head = ["unit", "mask", "value, dropped or scaled", "in the full network", "weights in", "bias", "weights out"];
    const list = (entries) => entries.map((entry) => String(entry).replace("-", "−")).join(", ");
    table.replaceChildren(
      html("p", { class: "dla-caption" }, formula(`input x = (${X.join(", ")}); output bias ${list(network.at(-1).b)}; ReLU in the hidden layers, none at the output`)),
      dataTable(head, network.slice(0, -1).flatMap(({ w, b }, l) => b.map((bias, j) => html("tr", {}, html("th", { scope: "row" }, formula(`h_${j + 1}^{(${l + 1})}`)),
        html("td", {}, now ? value(`mask_${l + 1}_${j + 1}`, now.flat[4 * l + j], { digits: 0 }) : "–"),
        html("td", {}, value(`h_${l + 1}_${j + 1}`, now && values[l + 1][j])),
        html("td", {}, value(`full_${l + 1}_${j + 1}`, fullValues[l + 1][j])),
        [w.map((row) => row[j]), [bias], network[l + 1].w[j]].map((entries) => html("td", {}, list(entries))))))));
    net.redraw();
    means.redraw();
    const keptNames = now && inLayers(now.flat).map((layer, l) => {
      const names = layer.flatMap((bit, j) => (bit ? [j + 1] : []));
      return `${names.length ? `unit${names.length > 1 ? "s" : ""} ${names.join(", ")}` : "no unit"}${hidden_layers > 1 ? ` of hidden layer ${l + 1}` : ""}`;
    }).join(" and ");
    (run.running() ? figure.mention : figure.say)(`Network 2–${hidden_layers > 1 ? "4–4" : "4"}–1, keep probability ${format(q, 2)}, ${words}. ${now ? `Mask ${masks} keeps ${keptNames}; its output is ${format(now.output)}. The mean of ${masks} masks is ${format(now.mean)}; ` : "No mask has been drawn: the whole network is shown. "}${now ? "the" : "The"} full network gives ${format(full)}, the mean over all ${outputs.length} masks is ${format(expected)}.${hidden_layers === 1 ? " These two are equal: after its one hidden layer the output is linear." : ""}`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };
