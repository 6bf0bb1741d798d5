// Cross-correlation of a photograph with a 3×3 kernel, and the sum at one pixel written out.
// `asset` is edge_filters.png: 128×128, block means of scikit-image's `camera` (Lav Varshney, CC0).

export const defaults = {
  filter: "sobel_x",
  kernel: [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
  divisor: 1,
  absolute: false,
  row: 38,
  column: 55,
};

const LAYOUT = `
.dla .dla-pictures { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px; }
.dla .dla-picture { position: relative; line-height: 0; border-radius: 6px; }
.dla .dla-picture canvas { width: 100%; height: auto; image-rendering: pixelated; border-radius: 6px; }
.dla .dla-picture > svg { position: absolute; inset: 0; height: 100%; pointer-events: none; overflow: hidden; }
.dla .dla-filter-row { display: flex; flex-wrap: wrap; gap: 14px 26px; align-items: flex-start; }
.dla .dla-filter-row > :last-child { flex: 1 1 300px; min-width: 0; }
.dla .dla-scale { display: flex; gap: 8px; align-items: center; font-size: 12px; color: var(--dla-soft); }
.dla .dla-ramp { width: 90px; height: 12px; border: 1px solid var(--dla-line); background: linear-gradient(to right, #000, #fff); print-color-adjust: exact; }
`;

const FILTERS = {
  sobel_x: ["Sobel, left to right", [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], 1],
  sobel_y: ["Sobel, top to bottom", [[-1, -2, -1], [0, 0, 0], [1, 2, 1]], 1],
  laplacian: ["Laplacian", [[0, 1, 0], [1, -4, 1], [0, 1, 0]], 1],
  blur: ["blur (binomial)", [[1, 2, 1], [2, 4, 2], [1, 2, 1]], 16],
  sharpen: ["sharpen", [[0, -1, 0], [-1, 5, -1], [0, -1, 0]], 1],
};

const photograph = await decodeGrey(asset);

/** Response y[i][j] = Σ_mn x[i+m][j+n]·k[m][n]/divisor, without padding. */
function respond({ levels, width, height }, kernel, divisor) {
  const [rows, columns] = [height - 2, width - 2];
  const response = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) {
      let sum = 0;
      for (let m = 0; m < 3; m += 1) for (let n = 0; n < 3; n += 1) sum += levels[(i + m) * width + j + n] * kernel[m][n];
      response[i * columns + j] = sum / divisor;
    }
  }
  return { response, rows, columns };
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "edge_filters", title: "What a 3×3 kernel sees in a photograph",
    label: "Edge filters: a photograph and its cross-correlation with a 3 by 3 kernel that can be edited",
  });
  const { width, height, levels } = photograph;
  const place = (change) => figure.set(Object.fromEntries(Object.entries(change).map(([key, number]) =>
    [key, Math.min((key === "row" ? height : width) - 2, Math.max(1, number))])));
  const pictureOf = (label) => {
    const canvas = html("canvas", { role: "img", "aria-label": label });
    const mark = svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    return { canvas, mark, box: html("div", { class: "dla-picture" }, canvas, mark) };
  };
  const [before, after] = [pictureOf("Photograph of a man with a camera on a tripod, 128 by 128 grey levels"), pictureOf("Response of the kernel")];
  for (const { box } of [before, after]) {
    steerable(box, {
      label: "Window on the picture: arrow keys move it by one pixel, with Shift by eight",
      move: (dx, dy, big) => place({ row: model.get("row") + dy * (big ? 8 : 1), column: model.get("column") + dx * (big ? 8 : 1) }),
      point: (u, v) => place({ row: Math.floor(v * height), column: Math.floor(u * width) }),
    });
  }
  paintGrey(before.canvas, Float64Array.from(levels, (level) => level / 255), width, height);

  const select = choice(figure, { trait: "filter", label: "filter", options: [...Object.entries(FILTERS).map(([key, [text]]) => [key, text]), ["custom", "my own"]] });
  select.querySelector("select").addEventListener("change", () => {
    const known = FILTERS[model.get("filter")];
    if (known) figure.set({ kernel: known[1], divisor: known[2] });
  });
  const kernelField = matrixField(figure, { trait: "kernel", label: "Kernel", min: -99, max: 99, onEdit: () => figure.set({ filter: "custom" }) });
  const scale = html("p", { class: "dla-scale" });
  const sum = html("div", { class: "dla-panel" });
  const numbers = html("div", { class: "dla-facts" });
  figure.body.append(
    html("div", { class: "dla-pictures" },
      html("div", {}, html("p", { class: "dla-heading dla-data" }, "photograph"), before.box),
      html("div", {}, html("p", { class: "dla-heading dla-prediction" }, "response"), after.box)),
    scale,
    html("div", { class: "dla-filter-row" },
      html("div", { class: "dla-field" }, select,
        html("span", {}, "kernel"), kernelField,
        numberField(figure, { trait: "divisor", label: "divided by", min: 0.01, max: 999, step: 1 }),
        checkbox(figure, { trait: "absolute", label: "strength only: |y|" })),
      html("div", { class: "dla-body" }, sum, numbers)),
  );

  const draw = () => {
    const [kernel, divisor, absolute, row, column] = ["kernel", "divisor", "absolute", "row", "column"].map((trait) => model.get(trait));
    const { response, rows, columns } = respond(photograph, kernel, divisor);
    const total = kernel.flat().reduce((a, b) => a + b, 0);
    let [least, most, strength] = [Infinity, -Infinity, 0];
    for (const entry of response) {
      least = Math.min(least, entry);
      most = Math.max(most, entry);
      strength += Math.abs(entry) / response.length;
    }
    const reach = Math.max(-least, most, 1e-9);
    const shade = absolute ? (entry) => Math.abs(entry) / reach
      : total === 0 ? (entry) => 0.5 + entry / (2 * reach) : (entry) => entry / 255;
    const framed = new Float64Array(width * height).fill(absolute ? 0 : total === 0 ? 0.5 : 0);
    for (let i = 0; i < rows; i += 1) for (let j = 0; j < columns; j += 1) framed[(i + 1) * width + j + 1] = shade(response[i * columns + j]);
    paintGrey(after.canvas, framed, width, height);
    for (const [{ mark }, size, x, y] of [[before, 3, column - 1, row - 1], [after, 1, column, row]]) {
      const box = { x: x - 1, y: y - 1, width: size + 2, height: size + 2, fill: "none" };
      mark.replaceChildren(svg("rect", { ...box, stroke: "#000", "stroke-width": 2.4 }), svg("rect", { ...box, stroke: "#fff", "stroke-width": 1.2 }));
    }
    const [dark, light] = absolute ? [0, reach] : total === 0 ? [-reach, reach] : [0, 255];
    scale.replaceChildren("response: ", value("black", dark, { digits: 0 }), html("span", { class: "dla-ramp", role: "img", "aria-label": "from black to white" }), value("white", light, { digits: 0 }),
      total === 0 && !absolute ? "mid-grey is 0: nothing changes here" : "");

    const here = response[(row - 1) * columns + column - 1];
    const digits = (number) => (Number.isInteger(number) ? 0 : 2);
    const show = (number) => (number < 0 ? `(${format(number, digits(number))})` : format(number, digits(number)));
    const terms = kernel.flatMap((line, m) => line.map((weight, n) => [levels[(row - 1 + m) * width + column - 1 + n], weight]));
    sum.replaceChildren(
      html("p", { class: "dla-caption" }, `window around row ${row}, column ${column} (from 0)`),
      html("p", { class: "dla-formula" }, formula("y = "), divisor === 1 ? "" : "(", terms.map(([pixel, weight], i) => [i ? " + " : "", html("span", { class: "dla-data" }, String(pixel)), "·", show(weight)]),
        divisor === 1 ? "" : `) / ${format(divisor, digits(divisor))}`, " = ", html("b", {}, value("response", here, { digits: digits(here), tone: "prediction" }))));
    numbers.replaceChildren(...facts([
      ["smallest response", value("minimum", least, { digits: 1 })],
      ["largest response", value("maximum", most, { digits: 1 })],
      ["mean strength |y|", value("mean_strength", strength, { digits: 2 })],
      ["sum of the kernel", value("kernel_sum", total / divisor, { digits: 2 })],
    ]));
    const name = FILTERS[model.get("filter")]?.[0] ?? "my own kernel";
    figure.say(`${name}, kernel rows ${kernel.map((line) => line.join(" ")).join("; ")}${divisor === 1 ? "" : `, divided by ${divisor}`}: around row ${row}, column ${column} the response is ${format(here, digits(here))}; over the photograph it goes from ${format(least, 1)} to ${format(most, 1)}.`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };
