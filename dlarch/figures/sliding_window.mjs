// Cross-correlation of a small image with a 3×3 kernel, one output entry after the other.

export const defaults = {
  image: [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]],
  kernel: [[1, 0, 1], [0, 1, 0], [1, 0, 1]],
  stride: 1,
  padding: 0,
  flip: false,
  position: 0,
};

const LAYOUT = `
.dla .dla-operands { display: flex; flex-wrap: wrap; gap: 12px 22px; align-items: flex-start; }
.dla .dla-operands > div { max-width: 100%; display: flex; flex-direction: column; gap: 6px; }
.dla .dla-grid { display: grid; gap: 2px; width: max-content; }
.dla .dla-cell { width: 36px; height: 36px; display: grid; place-items: center; border-radius: 5px; background: var(--dla-panel); position: relative; font-weight: 550; }
.dla .dla-cell input[type="number"] { width: 36px; min-height: 36px; height: 36px; padding: 0; text-align: center; border-color: var(--dla-line); border-radius: 5px; appearance: textfield; -moz-appearance: textfield; }
.dla .dla-cell input[type="number"]::-webkit-inner-spin-button { display: none; }
.dla .dla-cell[data-pad] { border: 1.5px dashed var(--dla-line); color: var(--dla-soft); background: none; font-weight: 400; }
.dla .dla-cell[data-in] { background: color-mix(in srgb, var(--dla-data) 24%, var(--dla-surface)); }
.dla .dla-cell[data-in] input { background: color-mix(in srgb, var(--dla-data) 20%, var(--dla-surface)); border-color: var(--dla-data); border-width: 2px; font-weight: 700; }
.dla .dla-cell[data-in] > small { position: absolute; right: 3px; bottom: 0; font-size: 9.5px; line-height: 12px; color: var(--dla-ink); font-weight: 700; pointer-events: none; }
.dla .dla-out { border: 1.5px solid var(--dla-line); background: var(--dla-surface); cursor: pointer; }
.dla button.dla-out { min-height: 0; padding: 0; font-weight: 650; color: var(--dla-prediction); }
.dla button.dla-out[aria-pressed="true"] { border: 3px solid var(--dla-prediction); box-shadow: none; background: color-mix(in srgb, var(--dla-prediction) 14%, var(--dla-surface)); }
.dla .dla-sum { min-height: 5.6em; }
.dla .dla-operator { align-self: center; font-size: 26px; color: var(--dla-soft); }
@container (max-width: 430px) {
  .dla .dla-cell, .dla .dla-cell input[type="number"] { width: 32px; height: 32px; min-height: 32px; }
  .dla .dla-operator { display: none; }
}
`;

/** Entry (i, j) of the output is Σ_mn image[s·i + m − p][s·j + n − p] · used[m][n], with zeros outside the image. */
function correlate(image, used, stride, padding) {
  const [H, W, h, w] = [image.length, image[0].length, used.length, used[0].length];
  const rows = Math.floor((H + 2 * padding - h) / stride) + 1;
  const columns = Math.floor((W + 2 * padding - w) / stride) + 1;
  return Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (__, j) => {
    const terms = used.flatMap((row, m) => row.map((weight, n) => {
      const [y, x] = [stride * i + m - padding, stride * j + n - padding];
      return { x, y, weight, pixel: image[y]?.[x] ?? 0 };
    }));
    return { terms, sum: terms.reduce((sum, { weight, pixel }) => sum + weight * pixel, 0) };
  }));
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "sliding_window", title: "A window slides over the image",
    label: "Sliding window: cross-correlation of a 5 by 5 image with a 3 by 3 kernel, step by step",
  });
  const imageGrid = html("div", { class: "dla-grid", role: "group", "aria-label": "Image with its padding" });
  const kernelGrid = html("div", { class: "dla-grid", role: "group", "aria-label": "Kernel" });
  const usedBox = html("div");
  const outputGrid = html("div", { class: "dla-grid", role: "group", "aria-label": "Output; choose an entry to see its sum" });
  const shape = html("p", { class: "dla-caption" });
  const sum = html("div", { class: "dla-panel dla-sum" });

  const cellField = (trait, i, j, label) => numberField(figure, {
    trait, name: `${trait}_${i}_${j}`, bare: true, min: -99, max: 99, label: `${label}, row ${i + 1}, column ${j + 1}`,
    read: () => model.get(trait)[i][j],
    write: (number) => figure.set({ [trait]: model.get(trait).map((row, r) => row.map((old, c) => (r === i && c === j ? number : old))) }),
  });
  const imageCells = model.get("image").map((row, i) => row.map((_, j) => html("div", { class: "dla-cell" }, cellField("image", i, j, "Image"))));
  kernelGrid.style.gridTemplateColumns = "repeat(3, max-content)";
  model.get("kernel").forEach((row, i) => row.forEach((_, j) => kernelGrid.append(html("div", { class: "dla-cell" }, cellField("kernel", i, j, "Kernel")))));
  const imageWithPadding = (padding) => {
    const width = imageCells[0].length + 2 * padding;
    imageGrid.style.gridTemplateColumns = `repeat(${width}, max-content)`;
    const pad = (count) => Array.from({ length: count }, () => html("div", { class: "dla-cell", "data-pad": true }, "0"));
    imageGrid.replaceChildren(...pad(width * padding), ...imageCells.flatMap((row) => [...pad(padding), ...row, ...pad(padding)]), ...pad(width * padding));
  };

  let outputs = [];
  let padding = -1;
  const last = () => outputs.length * outputs[0].length - 1;
  const move = (by) => {
    const next = Math.min(last(), Math.max(0, position() + by));
    if (next !== model.get("position")) figure.set({ position: next });
    return next < last();
  };
  const position = () => Math.min(model.get("position"), last());
  const run = player(figure, { label: "Run", interval: 900, step: () => move(1) });
  const back = button("◀ Back", () => move(-1), { "data-action": "back" });
  const forward = button("Next ▶", () => move(1), { class: "dla-primary", "data-action": "next" });

  figure.body.append(
    html("div", { class: "dla-operands" },
      html("div", {}, html("p", { class: "dla-heading dla-data" }, "image"), imageGrid),
      html("span", { class: "dla-operator", "aria-hidden": "true" }, "⋆"),
      html("div", {}, html("p", { class: "dla-heading" }, "kernel"), kernelGrid, usedBox),
      html("span", { class: "dla-operator", "aria-hidden": "true" }, "="),
      html("div", {}, html("p", { class: "dla-heading dla-prediction" }, "output"), outputGrid, shape)),
    sum,
    html("div", { class: "dla-buttons" }, back, forward, run.control,
      button("Reset", () => { run.stop(); figure.set({ ...structuredClone(defaults) }); }, { "data-action": "reset" })),
    html("div", { class: "dla-row" },
      slider(figure, { trait: "stride", label: "stride s", min: 1, max: 3, step: 1, show: String }),
      slider(figure, { trait: "padding", label: "padding p", min: 0, max: 2, step: 1, show: String }),
      checkbox(figure, { trait: "flip", label: "flip the kernel (true convolution)" })),
    html("div", { class: "dla-buttons" },
      html("span", { class: "dla-caption" }, "kernel:"),
      button("the lecture's", () => figure.set({ kernel: defaults.kernel }), { "data-action": "kernel-lecture" }),
      button("horizontal edge", () => figure.set({ kernel: [[-1, -1, -1], [0, 0, 0], [1, 1, 1]] }), { "data-action": "kernel-edge" }),
      button("shift", () => figure.set({ kernel: [[1, 0, 0], [0, 0, 0], [0, 0, 0]] }), { "data-action": "kernel-shift" })),
  );

  const draw = () => {
    const [kernel, stride, flip] = [model.get("kernel"), model.get("stride"), model.get("flip")];
    if (padding !== model.get("padding")) imageWithPadding(padding = model.get("padding"));
    const used = flip ? [...kernel].reverse().map((row) => [...row].reverse()) : kernel;
    outputs = correlate(model.get("image"), used, stride, padding);
    const columns = outputs[0].length;
    const [row, column] = [Math.floor(position() / columns), position() % columns];
    const { terms, sum: total } = outputs[row][column];

    [...imageGrid.children].forEach((cell) => {
      cell.removeAttribute("data-in");
      cell.querySelector("small")?.remove();
    });
    const width = imageCells[0].length + 2 * padding;
    for (const { x, y, weight } of terms) {
      const cell = imageGrid.children[(y + padding) * width + x + padding];
      cell.setAttribute("data-in", "");
      cell.append(html("small", { "aria-hidden": "true" }, `×${format(weight, Number.isInteger(weight) ? 0 : 1)}`));
    }
    const digitsOf = (number) => (Number.isInteger(number) ? 0 : 2);
    usedBox.replaceChildren(...(flip ? [html("p", { class: "dla-caption" }, "as it is used: turned by 180°"), matrixOf(used),
      html("p", { class: "dla-caption" }, String(used) === String(kernel) ? "It looks the same: the flip changes nothing." : "")] : []));
    outputGrid.style.gridTemplateColumns = `repeat(${columns}, max-content)`;
    const focused = outputGrid.contains(document.activeElement) ? [...outputGrid.children].indexOf(document.activeElement) : -1;
    outputGrid.replaceChildren(...outputs.flatMap((line, i) => line.map((entry, j) => {
      const at = i * columns + j;
      return button("", () => figure.set({ position: at }), {
        class: "dla-cell dla-out", "aria-pressed": String(at === position()), "aria-label": `output row ${i + 1}, column ${j + 1}: ${entry.sum}`,
      });
    })));
    outputs.flat().forEach((entry, at) => outputGrid.children[at].append(
      value(`output_${Math.floor(at / columns)}_${at % columns}`, entry.sum, { digits: digitsOf(entry.sum) })));
    if (focused >= 0) outputGrid.children[Math.min(focused, last())].focus();
    shape.replaceChildren(formula(`⌊(5 + 2·${padding} − 3)/${stride}⌋ + 1 = `), value("output_size", columns, { digits: 0 }));

    const show = (number) => (number < 0 ? `(${format(number, digitsOf(number))})` : format(number, digitsOf(number)));
    sum.replaceChildren(
      html("p", { class: "dla-formula" }, formula(
        `y_{${row},${column}} = Σ_{m,n} x_{${stride}·${row}+m−${padding}, ${stride}·${column}+n−${padding}} · ${flip ? "k_{2−m, 2−n}" : "k_{m,n}"}`)),
      html("p", { class: "dla-formula" }, "= ", terms.map(({ pixel, weight }, i) => [i ? " + " : "", html("span", { class: "dla-data" }, show(pixel)), "·", show(weight)]),
        " = ", html("b", {}, value("sum", total, { digits: digitsOf(total), tone: "prediction" }))));
    back.disabled = position() === 0;
    forward.disabled = position() === last();
    figure.say(`${flip ? "True convolution (kernel flipped)" : "Cross-correlation"}, stride ${stride}, padding ${padding}: output entry (${row}, ${column}), counted from 0: ${terms.map(({ pixel, weight }) => `${show(pixel)} times ${show(weight)}`).join(", ")}; the sum is ${format(total, digitsOf(total))}. Whole output: ${outputs.map((line) => line.map((entry) => format(entry.sum, digitsOf(entry.sum))).join(" ")).join("; ")}.`);
  };
  const matrixOf = (rows) => {
    const grid = html("div", { class: "dla-grid", role: "img", "aria-label": `Flipped kernel: ${rows.map((row) => row.join(" ")).join("; ")}` },
      rows.flat().map((number) => html("div", { class: "dla-cell" }, format(number, Number.isInteger(number) ? 0 : 1))));
    grid.style.gridTemplateColumns = "repeat(3, max-content)";
    return grid;
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };
