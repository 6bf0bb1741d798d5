// Softmax of a few logits at a temperature: probabilities, cross-entropy, entropy, and what adding a constant changes.

export const defaults = { logits: [2, 1, 0.5, -1], temperature: 1, true_class: 0, constant: 10 };

const LAYOUT = `
.dla .dla-logits { display: grid; grid-template-columns: repeat(auto-fill, minmax(84px, 1fr)); gap: 8px 10px; }
.dla .dla-logits input[type="number"] { width: 100%; }
.dla .dla-shift { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: end; }
.dla .dla-shift > p { flex: 1 1 240px; align-self: center; }
.dla .dla-softmax > :first-child { flex: 3 1 360px; }
.dla .dla-softmax > :last-child { flex: 2 1 260px; }
`;

const [FEWEST, MOST] = [4, 6];
const [COLDEST, HOTTEST] = [0.05, 20];

/** log softmax(a/T), with the largest logit subtracted first. */
function logSoftmax(logits, T) {
  const largest = Math.max(...logits);
  const scaled = logits.map((a) => (a - largest) / T);
  const logSum = Math.log(scaled.reduce((sum, z) => sum + Math.exp(z), 0));
  return scaled.map((z) => z - logSum);
}

function measure(logits, T, trueClass) {
  const logP = logSoftmax(logits, T);
  const p = logP.map(Math.exp);
  return {
    p, crossEntropy: -logP[trueClass],
    entropy: -p.reduce((sum, share, k) => sum + (share > 0 ? share * logP[k] : 0), 0),
    gradient: p.map((share, k) => (share - (k === trueClass ? 1 : 0)) / T),
  };
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "softmax_temperature", title: "Softmax, warm and cold",
    label: "Softmax with a temperature: logits, probabilities, cross-entropy and entropy",
  });
  const read = () => {
    const logits = model.get("logits");
    return { logits, T: model.get("temperature"), trueClass: Math.min(model.get("true_class"), logits.length - 1) };
  };
  let now = null;
  let shift = null;
  const small = (number) => format(number, Number.isInteger(number) ? 0 : 2);

  const bars = createChart(figure, {
    label: "Probability of each class; the text below says the same", height: () => 40 * model.get("logits").length + 46,
    draw: (picture, width, height) => {
      const { trueClass } = read();
      const frame = axes(picture, { width, height, left: 64, right: 58, top: 4, x: { min: 0, max: 1, label: "probability p", ticks: [0, 0.25, 0.5, 0.75, 1] }, y: { min: 0, max: 1, label: "", ticks: [] } });
      now.p.forEach((share, k) => {
        const y = frame.top + 40 * k + 6;
        const isTrue = k === trueClass;
        frame.layer.append(
          svg("text", { x: frame.left - 10, y: y + (isTrue ? 11 : 19), "text-anchor": "end", "font-weight": isTrue ? 700 : 400 }, `class ${k}`),
          svg("rect", { x: frame.left, y, width: Math.max(1, frame.x(share) - frame.left), height: 28, rx: 3, fill: "var(--dla-prediction)", "fill-opacity": 0.75 }),
          svgValue(`p_${k}`, share, { digits: 4, x: frame.x(share) + 7, y: y + 19, "font-weight": 650 }));
        if (isTrue) {
          frame.layer.append(
            svg("text", { x: frame.left - 10, y: y + 26, "text-anchor": "end", class: "dla-truth", "font-weight": 650 }, "true"),
            svg("rect", { x: frame.left, y, width: frame.x(1) - frame.left, height: 28, rx: 3, fill: "none", stroke: "var(--dla-truth)", "stroke-width": 2, "stroke-dasharray": "5 4" }));
        }
      });
    },
  });
  const curves = createChart(figure, {
    label: "Cross-entropy and entropy against the temperature", height: 250,
    draw: (picture, width, height) => {
      const { logits, T, trueClass } = read();
      const grid = Array.from({ length: 121 }, (_, i) => COLDEST * (HOTTEST / COLDEST) ** (i / 120)).map((t) => ({ t, ...measure(logits, t, trueClass) }));
      const highest = Math.max(...grid.map(({ crossEntropy }) => crossEntropy));
      const top = Math.min(5, Math.max(2, 1.1 * Math.max(highest, Math.log(logits.length))));
      const frame = axes(picture, {
        width, height, x: { min: COLDEST, max: HOTTEST, log: true, label: "temperature T", ticks: [0.1, 1, 10], show: String }, y: { min: 0, max: top, label: "nats", count: 4 },
      });
      const uniform = frame.y(Math.log(logits.length));
      frame.layer.append(
        svg("line", { x1: frame.left, x2: frame.right, y1: uniform, y2: uniform, stroke: "var(--dla-neutral)", "stroke-dasharray": "2 4" }),
        svg("text", { x: frame.left + 4, y: uniform - 5, class: "dla-soft dla-halo" }, `log ${logits.length} = ${format(Math.log(logits.length), 3)}`),
        svg("line", { x1: frame.x(T), x2: frame.x(T), y1: frame.top, y2: frame.bottom, stroke: "var(--dla-neutral)", "stroke-dasharray": "2 3" }));
      for (const [key, tone, dash, kind] of [["entropy", "data", "7 4", "square"], ["crossEntropy", "error", undefined, "dot"]]) {
        const inside = grid.filter((point) => point[key] <= top);
        frame.layer.append(path(inside.map((point) => [frame.x(point.t), frame.y(point[key])]), { stroke: `var(--dla-${tone})`, "stroke-dasharray": dash, "stroke-width": 2.4 }));
        if (now[key] <= top) frame.layer.append(marker(kind, frame.x(T), frame.y(now[key]), 5, { fill: `var(--dla-${tone})` }));
      }
    },
  });

  const fields = Array.from({ length: MOST }, (_, k) => numberField(figure, {
    trait: "logits", name: `logit_${k}`, label: formula(`logit a_${k}`), step: 0.5, min: -5000, max: 5000,
    read: () => model.get("logits")[k] ?? 0,
    write: (number) => figure.set({ logits: model.get("logits").map((old, i) => (i === k ? number : old)) }),
  }));
  const trueSelect = choice(figure, { trait: "true_class", label: "true class", options: fields.map((_, k) => [k, `class ${k}`]) });
  const add = button("Add a class", () => figure.set({ logits: [...model.get("logits"), 0] }), { "data-action": "add" });
  const remove = button("Remove the last", () => {
    const logits = model.get("logits").slice(0, -1);
    figure.set({ logits, true_class: Math.min(model.get("true_class"), logits.length - 1) });
  }, { "data-action": "remove" });
  const shiftBy = (sign) => () => {
    const { logits, T, trueClass } = read();
    const constant = sign * model.get("constant");
    const moved = logits.map((a) => Number((a + constant).toPrecision(12)));
    const after = measure(moved, T, trueClass);
    const change = Math.max(...measure(logits, T, trueClass).p.map((share, k) => Math.abs(share - after.p[k])));
    shift = { constant, change, logits: moved, T };
    figure.set({ logits: moved });
  };
  const shiftLine = html("p", {});
  const numbers = html("div", { class: "dla-facts" });
  const table = html("div", { class: "dla-table-box" });
  figure.body.append(
    html("div", { class: "dla-logits" }, fields),
    html("div", { class: "dla-row" },
      trueSelect,
      slider(figure, { trait: "temperature", label: formula("temperature T"), min: COLDEST, max: HOTTEST, step: 0.02, log: true, show: (T) => format(T, T < 1 ? 3 : 2) }),
      html("div", { class: "dla-buttons" },
        button("T = 1", () => figure.set({ temperature: 1 }), { "data-action": "one" }), add, remove,
        button("Reset", () => figure.set(structuredClone(defaults)), { "data-action": "reset" }))),
    html("div", { class: "dla-columns dla-softmax" },
      bars.picture,
      html("div", {}, legend([{ text: "cross-entropy of the true class", tone: "error" }, { text: "entropy of p", tone: "data", dash: "7 4" }]), curves.picture)),
    numbers,
    html("div", { class: "dla-panel dla-shift" },
      numberField(figure, { trait: "constant", label: formula("constant c"), min: -5000, max: 5000, step: 1 }),
      html("div", { class: "dla-buttons" },
        button(formula("Add c to all logits"), shiftBy(1), { "data-action": "shift" }),
        button(formula("Subtract c"), shiftBy(-1), { "data-action": "shift-back" })),
      shiftLine),
    html("details", {}, html("summary", {}, "Every step of the computation"), table),
  );

  const draw = () => {
    const { logits, T, trueClass } = read();
    now = measure(logits, T, trueClass);
    const K = logits.length;
    fields.forEach((field, k) => { field.hidden = k >= K; });
    const select = trueSelect.querySelector("select");
    [...select.options].forEach((option, k) => { option.hidden = option.disabled = k >= K; });
    select.value = String(trueClass);
    add.disabled = K === MOST;
    remove.disabled = K === FEWEST;
    numbers.replaceChildren(...facts([
      [formula(`cross-entropy −log p_${trueClass} (nats)`), value("cross_entropy", now.crossEntropy), "error"],
      [formula("entropy −Σ p log p (nats)"), value("entropy", now.entropy), "data"],
      [formula(`largest possible: log ${K}`), value("log_classes", Math.log(K)), "neutral"],
      ["largest probability", value("largest", Math.max(...now.p)), "prediction"],
    ]));
    const naive = logits.map((a) => Math.exp(a / T));
    const total = naive.reduce((sum, entry) => sum + entry, 0);
    const largest = Math.max(...logits);
    const overflow = !Number.isFinite(total) || total === 0;
    const warning = overflow ? ` Without subtracting the largest logit, the exponentials ${total === 0 ? "are all 0" : "overflow to ∞"} and the quotient is undefined.` : "";
    const moved = shift && shift.logits === logits && shift.T === T;
    shiftLine.replaceChildren(...(moved
      ? [`${shift.constant < 0 ? "Subtracted" : "Added"} ${small(Math.abs(shift.constant))}: the largest change of a probability is `, html("b", {}, value("change", shift.change)), `.${warning}`]
      : [`A constant added to all logits cancels in the quotient: the probabilities stay.${warning}`]));
    const head = ["class", formula("a_k"), formula("(a_k − max)/T"), "its exp", formula("p_k"), formula("∂E/∂a_k"), formula("exp(a_k/T), not shifted")];
    table.replaceChildren(dataTable(head, logits.map((a, k) => html("tr", {}, html("th", { scope: "row" }, k === trueClass ? `${k} (true)` : String(k)),
      [[`a_${k}`, a], [`scaled_${k}`, (a - largest) / T], [`exp_${k}`, Math.exp((a - largest) / T)], [`p_${k}`, now.p[k], "prediction"], [`gradient_${k}`, now.gradient[k], "gradient"], [`naive_${k}`, naive[k]]]
        .map(([name, number, tone]) => html("td", {}, value(name, number, { tone })))))));
    bars.redraw();
    curves.redraw();
    const verdict = now.entropy < 0.05 ? "nearly all on one class" : now.entropy > 0.97 * Math.log(K) ? "nearly equal" : "spread over several classes";
    figure.say(`Logits ${logits.map(small).join(", ")} at temperature ${format(T, T < 1 ? 3 : 2)}: probabilities ${now.p.map((share) => format(share)).join(", ")}, ${verdict}. True class ${trueClass}: cross-entropy ${format(now.crossEntropy)} nats. Entropy ${format(now.entropy)} nats of at most ${format(Math.log(K))}.${moved ? ` ${small(shift.constant)} was added to all logits and the probabilities stayed.` : ""}${warning}`);
  };
  figure.watch(["logits", "temperature", "true_class"], batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };
