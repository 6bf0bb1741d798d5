// Norm of δ, the error's gradient with respect to each layer's weighted sums, in a deep network with random weights:
// really computed, by back-propagation, each time a control moves.

export const defaults = { depth: 12, activation: "sigmoid", gain: 1.0, width: 24, seed: 7 };

const LAYOUT = `
.dla .dla-depth-columns > :first-child { flex: 2 1 400px; }
.dla .dla-depth-columns > :last-child { flex: 1 1 200px; }
`;
const BATCH = 16;
const KINDS = [["sigmoid", "dot", undefined], ["tanh", "square", "7 4"], ["relu", "triangle", "2 4"]];

/** For l = 1 … depth, ‖δ_l‖ and ‖∂E/∂W_l‖; E = mean over the batch of ½‖h_L − y‖², hidden layers and output of equal width. */
function gradientNorms({ depth, activation, gain, width, seed }) {
  const normal = normalStream(uniformStream(seed));
  const draw = (count) => Float64Array.from({ length: count }, normal);
  const [x, y] = [draw(BATCH * width), draw(BATCH * width)];
  const layers = createLayers(new Array(depth + 1).fill(width), new Array(depth).fill(activation), gain, normal);
  const values = forwardLayers(layers, x, BATCH);
  const outputGradient = values.at(-1).map((output, i) => (output - y[i]) / BATCH);
  const { gradients } = backwardLayers(layers, values, outputGradient, BATCH);
  return { deltas: gradients.map(({ delta }) => Math.hypot(...delta)), weights: gradients.map(({ w }) => Math.hypot(...w)) };
}

/** What becomes of δ on its way from the last layer to the first. */
function verdictOn(first, last, depth) {
  if (first === 0) return "nothing arrives: every path goes through a unit that is off";
  const factor = (first / last) ** (1 / (depth - 1));
  if (factor < 0.8) return "δ vanishes towards the input";
  return factor > 1.25 ? "δ explodes towards the input" : "δ keeps about its size";
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "gradient_norm_depth", title: "How much gradient reaches the first layer?",
    label: "Norm of delta in each layer of a deep network, by activation and initialisation scale",
  });
  let norms = {};
  const read = () => figure.read(defaults);
  const chart = createChart(figure, {
    label: "Norm of delta by layer on a logarithmic scale; the table and the text below say the same", height: 300,
    draw: (picture, width, height) => {
      const { depth, activation } = read();
      const all = [1, ...Object.values(norms).flatMap(({ deltas }) => deltas).filter((norm) => norm > 0)];
      const bound = (number, up) => 10 ** (up ? Math.ceil(Math.log10(number) + 0.15) : Math.floor(Math.log10(number) - 0.15));
      const frame = axes(picture, {
        width, height, left: 58,
        x: { min: 1, max: depth, label: "layer l (1 is next to the input)", ticks: ticks(1, depth, 8).filter((tick) => Number.isInteger(tick) && tick >= 1) },
        y: { min: bound(Math.min(...all), false), max: bound(Math.max(...all), true), log: true, label: "norm ‖δ⁽ˡ⁾‖" },
      });
      for (const [kind, mark, dash] of KINDS) {
        const chosen = kind === activation;
        const colour = chosen ? "var(--dla-gradient)" : "var(--dla-neutral)";
        const points = norms[kind].deltas.flatMap((norm, i) => (norm > 0 ? [[frame.x(i + 1), frame.y(norm)]] : []));
        frame.layer[chosen ? "append" : "prepend"](svg("g", { opacity: chosen ? 1 : 0.6 },
          path(points, { stroke: colour, "stroke-width": chosen ? 3 : 1.5, "stroke-dasharray": dash }),
          ...points.map(([px, py]) => marker(mark, px, py, chosen ? 5 : 3.5, { fill: chosen ? colour : "var(--dla-surface)", stroke: colour, "stroke-width": 1.5 }))));
      }
    },
  });
  const legendBox = html("div");
  const numbers = html("div", { class: "dla-facts" });
  const table = html("div", { class: "dla-table-box" });
  figure.body.append(
    html("div", { class: "dla-row" },
      choice(figure, { trait: "activation", label: "activation", options: KINDS.map(([kind]) => [kind, kind === "relu" ? "ReLU" : kind]) }),
      slider(figure, { trait: "depth", label: "depth L", min: 2, max: 30, step: 1, show: String }),
      slider(figure, { trait: "gain", label: formula("initial scale s"), min: 0.25, max: 4, step: 0.05 })),
    html("div", { class: "dla-row" },
      html("div", { class: "dla-buttons" },
        button("s = 1 (Xavier)", () => figure.set({ gain: 1 }), { "data-action": "xavier" }),
        button("s = √2 (He)", () => figure.set({ gain: Math.SQRT2 }), { "data-action": "he" }),
        button("New weights", () => figure.set({ seed: model.get("seed") + 1 }), { "data-action": "reseed" })),
      html("p", { class: "dla-caption" }, formula("weights: normal, mean 0, standard deviation s/√D with D inputs per unit; biases 0"))),
    html("div", { class: "dla-depth-columns dla-columns" }, html("div", {}, legendBox, chart.picture), numbers),
    html("details", {}, html("summary", {}, "Every layer, and the gradient of its weights"), table),
  );

  const draw = () => {
    const state = read();
    norms = Object.fromEntries(KINDS.map(([kind]) => [kind, gradientNorms({ ...state, activation: kind })]));
    const { deltas: mine, weights } = norms[state.activation];
    const [first, last] = [mine[0], mine.at(-1)];
    const ratio = last > 0 ? first / last : 0;
    const factor = ratio ** (1 / (state.depth - 1));
    legendBox.replaceChildren(legend(KINDS.map(([kind, mark]) => ({
      text: kind === state.activation ? html("b", {}, kind) : kind, mark, tone: kind === state.activation ? "gradient" : "neutral",
    }))));
    numbers.replaceChildren(...facts([
      [formula("‖δ‖ at the first layer"), value("delta_first", first, { digits: 5 }), "gradient"],
      [formula("‖δ‖ at the last layer"), value("delta_last", last, { digits: 5 }), "gradient"],
      ["factor per layer, going back", value("factor_per_layer", factor, { digits: 3 })],
      ["first : last", value("ratio", ratio, { digits: 5 })],
    ]));
    table.replaceChildren(html("table", {},
      html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "layer"), KINDS.map(([kind]) => html("th", { scope: "col" }, `‖δ‖, ${kind}`)),
        html("th", { scope: "col" }, `‖∂E/∂W‖, ${state.activation}`))),
      html("tbody", {}, mine.map((_, l) => html("tr", {}, html("th", { scope: "row" }, String(l + 1)),
        KINDS.map(([kind]) => html("td", {}, value(`delta_${kind}_${l + 1}`, norms[kind].deltas[l], { digits: 5 }))),
        html("td", {}, value(`weights_${l + 1}`, weights[l], { digits: 5 })))))));
    chart.redraw();
    const output = last > 1000 ? " The output itself has exploded, and with it the error that goes back." : "";
    figure.say(`${state.activation}, ${state.depth} layers of ${state.width} units, scale ${format(state.gain, 2)}: ‖δ‖ is ${format(last, 5)} at the last layer and ${format(first, 5)} at the first, a factor of ${format(factor, 3)} per layer: ${verdictOn(first, last, state.depth)}.${output}`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };
