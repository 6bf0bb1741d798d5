// One small network, step by step: feed forward, error, back-propagation, gradients, update.
// Everything shown is a pure function of the traits: `step` counts all steps since the first pass.

export const defaults = {
  network: "2-2-2",
  activation: "sigmoid",
  x: [1.0, 0.5],
  t: [0.9, 0.2],
  learning_rate: 1.0,
  w1: [[0.4, -0.6, 0.3], [0.8, 0.5, -0.7]],
  b1: [0.1, -0.2, 0.2],
  w2: [[0.7, -0.4], [-0.5, 0.9], [0.6, 0.3]],
  b2: [-0.3, 0.2],
  step: 0,
};

const LAYOUT = `
.dla .dla-phases { display: flex; flex-wrap: wrap; gap: 6px; list-style: none; margin: 0; padding: 0; font-size: 12.5px; }
.dla .dla-phases > li { margin: 0; padding: 3px 11px; border-radius: 99px; border: 1px solid var(--dla-line); color: var(--dla-soft); }
.dla .dla-phases > li[aria-current] { color: var(--dla-surface); background: var(--tone); border-color: var(--tone); font-weight: 600; }
.dla .dla-phases > li[data-done] { color: var(--dla-ink); }
.dla .dla-phases > li[data-done]::before { content: "✓ "; }
.dla .dla-card { border-left: 4px solid var(--tone); min-height: 270px; display: flex; flex-direction: column; gap: 5px; }
.dla .dla-stage > svg { flex-basis: 400px; }
.dla .dla-stage > .dla-card { flex-basis: 340px; }
.dla .dla-card .dla-answer { font-weight: 700; }
.dla .dla-explain { font-size: 13.5px; margin-top: auto !important; padding-top: 6px; }
.dla .dla-gradient-lines { display: grid; grid-template-columns: repeat(auto-fit, minmax(215px, 1fr)); column-gap: 14px; }
.dla .dla-updates { grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
.dla .dla-gradient-lines .dla-formula { font-size: 16px; line-height: 1.9; }
@container (max-width: 430px) { .dla .dla-card { min-height: 300px; } }
`;

const PHASES = [
  ["Feed forward", "data"], ["Error", "error"], ["Back-propagate", "gradient"], ["Gradients", "gradient"], ["Update", "truth"],
];
const GLYPHS = { sigmoid: "σ", tanh: "tanh" };
const SUBSCRIPTS = ["₁", "₂", "₃"];

function stepsOf([, H, O]) {
  const units = (count, step) => Array.from({ length: count }, (_, unit) => ({ ...step, unit }));
  return [
    { phase: 0, kind: "input" },
    ...units(H, { phase: 0, kind: "hidden" }),
    ...units(O, { phase: 0, kind: "output" }),
    { phase: 1, kind: "error" },
    ...units(O, { phase: 2, kind: "delta_output" }),
    ...units(H, { phase: 2, kind: "delta_hidden" }),
    { phase: 3, kind: "gradient_2" },
    { phase: 3, kind: "gradient_1" },
    { phase: 4, kind: "update" },
  ];
}

/** One pass forward and backward; arrays are indexed by unit, weights [from][to]. */
function pass({ w1, b1, w2, b2 }, x, t, activation) {
  const { g, slope } = ACTIVATIONS[activation];
  const weighted = (w, b, input) => b.map((bias, j) => bias + input.reduce((sum, entry, i) => sum + w[i][j] * entry, 0));
  const a1 = weighted(w1, b1, x);
  const h = a1.map(g);
  const a2 = weighted(w2, b2, h);
  const o = a2.map(g);
  const error = 0.5 * o.reduce((sum, output, k) => sum + (output - t[k]) ** 2, 0);
  const slope2 = o.map(slope);
  const delta2 = o.map((output, k) => (output - t[k]) * slope2[k]);
  const slope1 = h.map(slope);
  const returned = h.map((_, j) => delta2.reduce((sum, delta, k) => sum + w2[j][k] * delta, 0));
  const delta1 = h.map((_, j) => slope1[j] * returned[j]);
  const outer = (from, delta) => from.map((entry) => delta.map((d) => entry * d));
  return {
    a1, h, a2, o, error, slope1, slope2, returned, delta1, delta2,
    gradients: { w1: outer(x, delta1), b1: delta1, w2: outer(h, delta2), b2: delta2 },
  };
}

function updated(parameters, gradients, rate) {
  const descend = (entry, gradient) =>
    Array.isArray(entry) ? entry.map((part, i) => descend(part, gradient[i])) : entry - rate * gradient;
  return Object.fromEntries(Object.entries(parameters).map(([key, entry]) => [key, descend(entry, gradients[key])]));
}

/** The state at `step`: replays every update from the first weights. */
function replay(model) {
  const sizes = model.get("network").split("-").map(Number);
  const [I, H, O] = sizes;
  const steps = stepsOf(sizes);
  const x = model.get("x").slice(0, I);
  const t = model.get("t").slice(0, O);
  const [activation, rate] = [model.get("activation"), model.get("learning_rate")];
  let parameters = {
    w1: model.get("w1").map((row) => row.slice(0, H)), b1: model.get("b1").slice(0, H),
    w2: model.get("w2").slice(0, H).map((row) => row.slice(0, O)), b2: model.get("b2").slice(0, O),
  };
  const updates = Math.floor(model.get("step") / steps.length);
  const losses = [];
  for (let i = 0; i < updates; i += 1) {
    const { error, gradients } = pass(parameters, x, t, activation);
    losses.push(error);
    parameters = updated(parameters, gradients, rate);
  }
  const index = model.get("step") % steps.length;
  const now = pass(parameters, x, t, activation);
  const next = updated(parameters, now.gradients, rate);
  losses.push(now.error);
  if (steps[index].kind === "update") losses.push(pass(next, x, t, activation).error);
  const has = (kind, unit = 0) => index >= steps.findIndex((step) => step.kind === kind && (step.unit ?? 0) === unit);
  return { sizes, steps, index, step: steps[index], updates, x, t, activation, rate, parameters, next, now, losses, has };
}

// ---------------------------------------------------------------- the network, drawn

function drawNetwork(picture, width, height, state) {
  const { sizes: [I, H, O], x, t, parameters, next, now, step, has } = state;
  const narrow = width < 430;
  const radius = narrow ? 22 : 27;
  const small = narrow ? 10.5 : 12;
  const gap = (height - 200 + (narrow ? 10 : 0)) / (Math.max(H, 2) - 1);
  const middle = height / 2;
  const column = (count, at) => Array.from({ length: count }, (_, i) => ({ x: at, y: middle + (i - (count - 1) / 2) * gap }));
  const inputs = column(I, radius + 6);
  const hidden = column(H, width * (narrow ? 0.47 : 0.44));
  const outputs = column(O, width * (narrow ? 0.87 : 0.8));
  const arrow = svg("defs", {}, ["data", "gradient", "truth"].map((tone) =>
    svg("marker", { id: `dla-arrow-${tone}`, viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 4, markerHeight: 4, orient: "auto-start-reverse" },
      svg("path", { d: "M0 0L8 4L0 8Z", fill: `var(--dla-${tone})` }))));
  const [edges, labels, nodes] = [svg("g"), svg("g"), svg("g")];
  picture.append(arrow, edges, labels, nodes);
  const shown = step.kind === "update" ? next : parameters;

  const drawEdges = (layer, sources, targets, isActive) => {
    sources.forEach((from, i) => targets.forEach((to, j) => {
      const active = isActive(i, j);
      const [dx, dy] = [to.x - from.x, to.y - from.y];
      const length = Math.hypot(dx, dy);
      const end = (node, sign, room) => [node.x + (sign * dx * room) / length, node.y + (sign * dy * room) / length];
      const [p, q] = [end(from, 1, radius + 2), end(to, -1, radius + 3)];
      const attributes = { x1: p[0], y1: p[1], x2: q[0], y2: q[1], stroke: "var(--dla-line)", "stroke-width": 1.5 };
      if (active) {
        Object.assign(attributes, { stroke: `var(--dla-${active.tone})`, "stroke-width": 3 });
        if (active.back) Object.assign(attributes, { "marker-start": "url(#dla-arrow-gradient)", class: "dla-flow-back" });
        else Object.assign(attributes, { "marker-end": `url(#dla-arrow-${active.tone})`, class: "dla-flow" });
        if (active.still) delete attributes.class;
      }
      edges.append(svg("line", attributes));
      const along = Math.abs(dy) > 1.2 * gap ? 0.26 : 0.34;
      const [lx, ly] = [from.x + along * dx, from.y + along * dy];
      const weight = `w${layer}_${i + 1}_${j + 1}`;
      const gradient = has(`gradient_${layer}`);
      const digits = state.updates || step.kind === "update" ? 3 : 2;
      const rows = [[weight, shown[`w${layer}`][i][j], digits, ""]];
      if (has(`gradient_${layer}`)) rows.push([`gradient_${weight}`, now.gradients[`w${layer}`][i][j], 3, "dla-gradient"]);
      const [wide, tall] = [0.62 * small * Math.max(...rows.map(([, number, places]) => format(number, places).length)) + 6, 14 * rows.length + 2];
      labels.append(
        svg("rect", { x: lx - wide / 2, y: ly - tall / 2, width: wide, height: tall, rx: 4, fill: "var(--dla-surface)" }),
        ...rows.map(([name, number, places, tone], row) => svgValue(name, number, {
          digits: places, x: lx, y: ly - tall / 2 + 12 + 14 * row, "text-anchor": "middle", class: tone, "font-weight": active ? 700 : 400, "data-size": small,
        })),
      );
    }));
  };
  const here = (kind, unit) => step.kind === kind && step.unit === unit;
  drawEdges(1, inputs, hidden, (i, j) => {
    if (here("hidden", j)) return { tone: "data" };
    if (step.kind === "gradient_1") return { tone: "gradient", still: true };
    return step.kind === "update" && { tone: "truth", still: true };
  });
  drawEdges(2, hidden, outputs, (j, k) => {
    if (here("output", k)) return { tone: "data" };
    if (here("delta_hidden", j)) return { tone: "gradient", back: true };
    if (step.kind === "gradient_2") return { tone: "gradient", still: true };
    return step.kind === "update" && { tone: "truth", still: true };
  });

  const drawNode = ({ x: cx, y: cy }, { name, key, number, tone, known, active, side = 1, notes = [] }) => {
    nodes.append(
      svg("circle", { cx, cy, r: radius + 5, fill: "none", stroke: active ? `var(--dla-${active})` : "none", "stroke-width": 3 }),
      svg("circle", { cx, cy, r: radius, fill: "var(--dla-surface)", stroke: `var(--dla-${known ? tone : "neutral"})`, "stroke-width": 2, "stroke-dasharray": known ? undefined : "4 4" }),
      svg("text", { x: cx, y: cy - 4, "text-anchor": "middle", class: "dla-soft", "font-style": "italic" }, name),
    );
    nodes.append(known
      ? svgValue(key, number, { digits: narrow ? 3 : 4, x: cx, y: cy + 11, "text-anchor": "middle", "font-weight": 650, "data-size": narrow ? 11 : 12.5 })
      : svg("text", { x: cx, y: cy + 11, "text-anchor": "middle", class: "dla-soft" }, "?"));
    notes.filter(Boolean).forEach(([label, noteName, content, noteTone, digits = 4], row) => nodes.append(svgValue(noteName, content, {
      text: `${label} ${format(content, digits)}`, x: cx, y: side > 0 ? cy + radius + 19 + 15 * row : cy - radius - 11 - 15 * row,
      "text-anchor": "middle", class: `dla-halo dla-${noteTone}`, "data-size": small,
    })));
  };
  inputs.forEach((node, i) => drawNode(node, {
    name: `x${SUBSCRIPTS[i]}`, key: `x_${i + 1}`, number: x[i], tone: "data", known: true, active: step.kind === "input" && "data",
  }));
  hidden.forEach((node, j) => drawNode(node, {
    name: `h${SUBSCRIPTS[j]}`, key: `h_hidden_${j + 1}`, number: now.h[j], tone: "data", known: has("hidden", j),
    active: (here("hidden", j) && "data") || (here("delta_hidden", j) && "gradient"),
    side: j === 0 ? -1 : 1,
    notes: [
      ["b =", `b1_${j + 1}`, shown.b1[j], "neutral", 3],
      has("hidden", j) && ["a =", `a_hidden_${j + 1}`, now.a1[j], "neutral"],
      has("delta_hidden", j) && ["δ =", `delta_hidden_${j + 1}`, now.delta1[j], "gradient"],
    ],
  }));
  outputs.forEach((node, k) => {
    drawNode(node, {
      name: `o${SUBSCRIPTS[k]}`, key: `output_${k + 1}`, number: now.o[k], tone: "prediction", known: has("output", k),
      active: (here("output", k) && "data") || (here("delta_output", k) && "gradient") || (step.kind === "error" && "error"),
      side: k === 0 ? -1 : 1,
      notes: [
        ["b =", `b2_${k + 1}`, shown.b2[k], "neutral", 3],
        has("output", k) && ["a =", `a_output_${k + 1}`, now.a2[k], "neutral"],
        has("delta_output", k) && ["δ =", `delta_output_${k + 1}`, now.delta2[k], "gradient"],
        narrow && ["t =", `t_${k + 1}`, t[k], "truth", 2],
      ],
    });
    if (narrow) return;
    const [tx, ty] = [width - 24, node.y];
    nodes.append(
      svg("line", { x1: node.x + radius + 6, x2: tx - 22, y1: ty, y2: ty, stroke: step.kind === "error" ? "var(--dla-error)" : "var(--dla-line)", "stroke-width": step.kind === "error" ? 3 : 1.5, "stroke-dasharray": "3 4" }),
      svg("rect", { x: tx - 22, y: ty - 19, width: 44, height: 38, rx: 6, fill: "var(--dla-surface)", stroke: "var(--dla-truth)", "stroke-width": 2 }),
      svg("text", { x: tx, y: ty - 4, "text-anchor": "middle", class: "dla-soft", "font-style": "italic" }, `t${SUBSCRIPTS[k]}`),
      svgValue(`t_${k + 1}`, t[k], { digits: 2, x: tx, y: ty + 12, "text-anchor": "middle", "font-weight": 650 }),
    );
  });
  for (const text of picture.querySelectorAll("[data-size]")) text.style.fontSize = `${text.dataset.size}px`;
}

// ---------------------------------------------------------------- the step, in formulas and in words

const line = (...parts) => html("p", { class: "dla-formula" }, formula(...parts));
const answer = (name, number, tone) => {
  const node = value(name, number, { tone });
  node.classList.add("dla-answer");
  return node;
};
const inBrackets = (number, digits = 4) => (number < 0 ? `(${format(number, digits)})` : format(number, digits));
const sumOf = (terms) => terms.flatMap((term, i) => (i ? [" + ", ...term] : term));

function describe(state) {
  const { x, t, now, parameters, next, step: { kind, unit }, activation, rate, losses } = state;
  const glyph = GLYPHS[activation];
  const slopeText = activation === "sigmoid" ? (h) => `${h}(1 − ${h})` : (h) => `1 − ${h}^2`;
  const slopeNumbers = (h) => (activation === "sigmoid" ? `${format(h)} · (1 − ${format(h)})` : `1 − ${inBrackets(h)}^2`);
  const n = unit + 1;

  const forward = (layer, letter, from, source, a, h, tone) => {
    const terms = source.map((entry, i) => [`${inBrackets(parameters[`w${layer}`][i][unit])}·${inBrackets(entry)}`]);
    const place = layer === 1 ? "hidden" : "output";
    return {
      title: `${layer === 1 ? "Hidden" : "Output"} unit ${n}: weighted sum, then activation`,
      lines: [
        line(`a^{(${layer})}_${n} = Σ_i w^{(${layer})}_{i${n}} ${from}_i + b^{(${layer})}_${n}`),
        line("= ", sumOf(terms), ` + ${inBrackets(parameters[`b${layer}`][unit])} = `, answer(`a_${place}_${n}`, a, tone)),
        line(`${letter}_${n} = ${glyph}(a^{(${layer})}_${n}) = ${glyph}(${format(a)}) = `, answer(layer === 1 ? `h_hidden_${n}` : `output_${n}`, h, tone)),
      ],
      explain: layer === 1
        ? "Each input is multiplied by the weight of its edge; the bias is added; the activation bends the sum."
        : "The output unit does the same with what the hidden units hand on.",
      words: `${place} unit ${n} receives a = ${format(a)} and gives ${activation}(a) = ${format(h)}.`,
    };
  };

  const gradientLines = (layer, from, source, delta) => [
    line(fraction(formula("∂E"), formula(`∂w^{(${layer})}_{ij}`)), ` = ${from}_i δ^{(${layer})}_j`, html("span", { class: "dla-neutral" }, formula("   and   ")),
      fraction(formula("∂E"), formula(`∂b^{(${layer})}_j`)), ` = δ^{(${layer})}_j`),
    html("div", { class: "dla-gradient-lines" },
      source.flatMap((entry, i) => delta.map((d, j) => line(
        `w^{(${layer})}_{${i + 1}${j + 1}}:  ${inBrackets(entry)}·${inBrackets(d)} = `,
        answer(`gradient_w${layer}_${i + 1}_${j + 1}`, entry * d, "gradient"),
      ))),
      delta.map((d, j) => line(`b^{(${layer})}_${j + 1}:  `, answer(`gradient_b${layer}_${j + 1}`, d, "gradient")))),
  ];

  switch (kind) {
    case "input":
      return {
        title: "The input is applied",
        lines: [
          line("x = (", ...x.flatMap((entry, i) => [i ? ", " : "", answer(`x_${i + 1}`, entry, "data")]), "),   t = (",
            ...t.flatMap((entry, k) => [k ? ", " : "", answer(`t_${k + 1}`, entry, "truth")]), ")"),
          line(`h_j = ${glyph}(Σ_i w^{(1)}_{ij} x_i + b^{(1)}_j)`),
          line(`o_k = ${glyph}(Σ_j w^{(2)}_{jk} h_j + b^{(2)}_k)`),
        ],
        explain: "Press Next: the numbers travel from left to right, unit by unit. The edges carry the weights.",
        words: `inputs ${x.map((entry) => format(entry, 2)).join(" and ")}, targets ${t.map((entry) => format(entry, 2)).join(" and ")}.`,
      };
    case "hidden":
      return forward(1, "h", "x", x, now.a1[unit], now.h[unit], "data");
    case "output":
      return forward(2, "o", "h", now.h, now.a2[unit], now.o[unit], "prediction");
    case "error":
      return {
        title: "How wrong is the output?",
        lines: [
          line("E = ", fraction("1", "2"), " Σ_k (o_k − t_k)^2"),
          line("= ", fraction("1", "2"), "[", sumOf(now.o.map((o, k) => [`(${format(o)} − ${inBrackets(t[k], 2)})^2`])), "] = ", answer("error", now.error, "error")),
        ],
        explain: "One number says how far the outputs are from the targets. Everything that follows asks how this number changes.",
        words: `the squared error E is ${format(now.error)}; ${now.o.map((o, k) => `output ${k + 1} is ${format(o)} for target ${format(t[k], 2)}`).join("; ")}.`,
      };
    case "delta_output":
      return {
        title: `δ of output unit ${n}`,
        lines: [
          line(`δ^{(2)}_${n} = `, fraction(formula("∂E"), formula(`∂a^{(2)}_${n}`)), ` = (o_${n} − t_${n}) g′(a^{(2)}_${n})`),
          line(`g′(a^{(2)}_${n}) = ${slopeText(`o_${n}`)} = ${slopeNumbers(now.o[unit])} = `, answer(`slope_output_${n}`, now.slope2[unit], "data")),
          line(`δ^{(2)}_${n} = (${format(now.o[unit])} − ${inBrackets(t[unit], 2)}) · ${format(now.slope2[unit])} = `, answer(`delta_output_${n}`, now.delta2[unit], "gradient")),
        ],
        explain: "δ is the slope of the error with respect to the unit's weighted sum a: error times the slope of the unit's own activation.",
        words: `delta of output unit ${n} is (${format(now.o[unit])} − ${format(t[unit], 2)}) times the slope ${format(now.slope2[unit])}, that is ${format(now.delta2[unit])}.`,
      };
    case "delta_hidden":
      return {
        title: `δ of hidden unit ${n}: one term for every outgoing edge`,
        lines: [
          line(`δ^{(1)}_${n} = g′(a^{(1)}_${n}) Σ_k w^{(2)}_{${n}k} δ^{(2)}_k`),
          line("Σ = ", sumOf(now.delta2.map((delta, k) => [`${inBrackets(parameters.w2[unit][k])}·${inBrackets(delta)}`])), " = ", answer(`returned_${n}`, now.returned[unit], "gradient")),
          line(`g′(a^{(1)}_${n}) = ${slopeText(`h_${n}`)} = `, answer(`slope_hidden_${n}`, now.slope1[unit], "data")),
          line(`δ^{(1)}_${n} = ${format(now.slope1[unit])} · ${inBrackets(now.returned[unit])} = `, answer(`delta_hidden_${n}`, now.delta1[unit], "gradient")),
        ],
        explain: `The δs of the next layer come back through the same weights and are summed; then the slope at h${SUBSCRIPTS[unit]} itself multiplies the sum, not the slope at the units the δs come from.`,
        words: `delta of hidden unit ${n} is its own slope ${format(now.slope1[unit])} times the returned sum ${format(now.returned[unit])}, that is ${format(now.delta1[unit])}.`,
      };
    case "gradient_2":
    case "gradient_1": {
      const [layer, from, source, delta] = kind === "gradient_2" ? [2, "h", now.h, now.delta2] : [1, "x", x, now.delta1];
      const listed = source.flatMap((entry, i) => delta.map((d, j) => `weight ${i + 1} to ${j + 1}: ${format(entry * d)}`));
      return {
        title: `Gradients of the ${layer === 2 ? "second" : "first"} layer's weights`,
        lines: gradientLines(layer, from, source, delta),
        explain: "What went into the edge, times the δ at its end. Nothing else is needed.",
        words: `gradients of layer ${layer}: ${listed.join("; ")}; ${delta.map((d, j) => `bias ${j + 1}: ${format(d)}`).join("; ")}.`,
      };
    }
    default: {
      return {
        title: "Every weight takes a step against its gradient",
        lines: [
          line("w ← w − γ ", fraction(formula("∂E"), formula("∂w"))),
          html("div", { class: "dla-gradient-lines dla-updates" }, parametersOf(state).map(({ label, name, old, after }) => line(
            `${label}: ${format(old, 3)} → `, value(name, after, { digits: 3, tone: "truth" })))),
          line("E:  ", value("error", now.error), " → ", answer("error_after", losses.at(-1), losses.at(-1) < now.error ? "truth" : "error")),
        ],
        explain: losses.at(-1) < now.error
          ? "The same step is taken by all weights at once, with the gradients of the old weights. The error is smaller; Next starts the next pass."
          : "The error has grown: the step was too long. Try a smaller learning rate γ.",
        words: `all weights are updated with learning rate ${format(rate, 2)}; the error goes from ${format(now.error)} to ${format(losses.at(-1))}.`,
      };
    }
  }
}

/** Every weight and bias: its label, its name, its value before and after the update, its gradient. */
function parametersOf({ parameters, next, now: { gradients } }) {
  const rows = [];
  for (const l of [1, 2]) {
    const [w, b] = [`w${l}`, `b${l}`];
    parameters[w].forEach((row, i) => row.forEach((old, j) => rows.push({
      label: `w^{(${l})}_{${i + 1}${j + 1}}`, name: `${w}_${i + 1}_${j + 1}`, layer: l, old, gradient: gradients[w][i][j], after: next[w][i][j],
    })));
    parameters[b].forEach((old, j) => rows.push({
      label: `b^{(${l})}_${j + 1}`, name: `${b}_${j + 1}`, layer: l, old, gradient: gradients[b][j], after: next[b][j],
    }));
  }
  return rows;
}

function parameterTable(state) {
  const rows = parametersOf(state).map(({ label, name, layer, old, gradient, after }) => html("tr", {},
    html("th", { scope: "row" }, formula(label)),
    html("td", {}, value(`old_${name}`, old)),
    html("td", {}, state.has(`gradient_${layer}`) ? value(`gradient_${name}`, gradient, { tone: "gradient" }) : "·"),
    html("td", {}, state.step.kind === "update" ? value(name, after, { tone: "truth" }) : "·")));
  const head = ["", `after ${state.updates} update${state.updates === 1 ? "" : "s"}`, "gradient", "after this one"];
  return dataTable(head, rows);
}

function drawLoss(picture, width, height, losses, after) {
  const last = Math.max(10, losses.length - 1);
  const top = Math.max(...losses, 1e-6) * 1.15;
  const frame = axes(picture, {
    width, height, left: 54, x: { min: 0, max: last, label: "updates", count: 5, ticks: ticks(0, last, 5).filter(Number.isInteger) },
    y: { min: 0, max: top, label: "error E", count: 3 },
  });
  const points = losses.map((loss, i) => [frame.x(i), frame.y(loss)]);
  frame.layer.append(path(points, { stroke: "var(--dla-error)" }));
  if (losses.length < 60) for (const [x, y] of points) frame.layer.append(marker("dot", x, y, 3, { fill: "var(--dla-error)" }));
  const [x, y] = points.at(-1);
  const end = x > frame.right - 60;
  frame.layer.append(
    marker("dot", x, y, 5.5, { fill: "var(--dla-surface)", stroke: "var(--dla-error)", "stroke-width": 2.5 }),
    svgValue(after ? "error_after" : "error", losses.at(-1), { digits: 4, x: end ? x - 8 : x + 10, y: y - 9, "text-anchor": end ? "end" : "start", class: "dla-error dla-halo", "font-weight": 650 }),
  );
}

// ---------------------------------------------------------------- the figure

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "backpropagation_stepper", title: "Backpropagation, one step at a time",
    label: "Backpropagation stepper: a small network computes forward, measures its error, sends it back and updates its weights",
  });
  let state = replay(model);
  const move = (by) => {
    if (by) figure.set({ step: Math.max(0, model.get("step") + by) });
  };

  const phases = html("ol", { class: "dla-phases", "aria-label": "Phases of one update" });
  const card = html("div", { class: "dla-panel dla-card" });
  const counter = html("span", { class: "dla-caption" });
  const network = createChart(figure, {
    label: "Drawing of the network with its present numbers; the text below says the same",
    height: () => (state.sizes[1] === 3 ? 440 : 340),
    draw: (picture, width, height) => drawNetwork(picture, width, height, state),
  });
  const loss = createChart(figure, {
    label: "Error after each update", height: 170,
    draw: (picture, width, height) => drawLoss(picture, width, height, state.losses, state.step.kind === "update"),
  });
  const run = player(figure, { label: "Run", step: () => move(1), interval: () => (model.get("step") < state.steps.length ? 900 : 160) });
  const back = button("◀ Back", () => move(-1), { "data-action": "back" });
  const whole = button("To the end of this update", () => move(state.steps.length - 1 - state.index || state.steps.length), { "data-action": "update" });
  const entry = (trait, i, label) => numberField(figure, {
    trait, name: `${trait}_${i + 1}`, label, step: 0.1, min: -5, max: 5,
    read: () => model.get(trait)[i],
    write: (number) => figure.set({ [trait]: model.get(trait).map((old, j) => (j === i ? number : old)) }),
  });
  const secondTarget = entry("t", 1, formula("target t_2"));
  const table = html("div", { class: "dla-table-box" });

  figure.body.append(
    phases,
    html("div", { class: "dla-columns dla-stage" }, network.picture, card),
    html("div", { class: "dla-buttons" },
      back, button("Next ▶", () => move(1), { class: "dla-primary", "data-action": "next" }), run.control, whole,
      button("Reset", () => { run.stop(); figure.set({ step: 0 }); }, { "data-action": "reset" }), counter),
    html("div", { class: "dla-columns" },
      html("div", { class: "dla-settings" },
        choice(figure, { trait: "network", label: "network", options: ["2-2-1", "2-2-2", "2-3-2"].map((key) => [key, key.replaceAll("-", "–")]) }),
        choice(figure, { trait: "activation", label: formula("activation g"), options: [["sigmoid", "sigmoid σ"], ["tanh", "tanh"]] }),
        numberField(figure, { trait: "learning_rate", label: formula("learning rate γ"), min: 0, max: 100, step: 0.1 }),
        entry("x", 0, formula("input x_1")), entry("x", 1, formula("input x_2")),
        entry("t", 0, formula("target t_1")), secondTarget),
      loss.picture),
    html("details", {}, html("summary", {}, "All weights and gradients"), table),
  );

  const draw = () => {
    state = replay(model);
    const [, tone] = PHASES[state.step.phase];
    figure.root.style.setProperty("--tone", `var(--dla-${tone})`);
    phases.replaceChildren(...PHASES.map(([name], i) => html("li", {
      "aria-current": i === state.step.phase && "step", "data-done": i < state.step.phase,
    }, name)));
    const { title, lines, explain, words } = describe(state);
    card.replaceChildren(html("p", { class: "dla-heading" }, title), ...lines, html("p", { class: "dla-explain" }, explain));
    counter.textContent = `update ${state.updates + 1}, step ${state.index + 1} of ${state.steps.length}`;
    back.disabled = model.get("step") === 0;
    secondTarget.hidden = state.sizes[2] === 1;
    table.replaceChildren(parameterTable(state));
    network.redraw();
    loss.redraw();
    figure.say(`Network ${state.sizes.join("–")}, ${state.activation}. Update ${state.updates + 1}, step ${state.index + 1} of ${state.steps.length}, ${PHASES[state.step.phase][0].toLowerCase()}: ${words}`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };
