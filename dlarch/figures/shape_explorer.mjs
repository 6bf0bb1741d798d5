// Shapes, parameters and multiply–adds of famous networks, part by part: arithmetic alone.

export const defaults = { network: "alexnet", side: 227, global_pooling: false };

const conv = (filters, kernel, stride = 1, padding = 0) => ({ kind: "conv", filters, kernel, stride, padding });
const pool = (size, stride, padding = 0) => ({ kind: "pool", size, stride, padding });
const block = (filters, stride = 1) => ({ kind: "block", filters, stride });
const dense = (units) => ({ kind: "dense", units });
const normalised = (layer) => ({ ...layer, normalised: true });
const stage = (filters, count) => [
  [`${count} × conv 3×3, ${filters}`, Array(count).fill(conv(filters, 3, 1, 1))], ["max pool 2×2", [pool(2, 2)]],
];
const blocks = (filters, count, stride) => [`${count} blocks, ${filters}`, [block(filters, stride), ...Array(count - 1).fill(block(filters))]];

/** Parts [name, layers] of each network; the classifier stands apart, so that a global mean can replace it. */
const NETWORKS = {
  lenet5: {
    title: "LeNet-5", channels: 1, side: 28, classes: 10,
    parts: [["conv 5×5, 6", [conv(6, 5, 1, 2)]], ["mean 2×2", [pool(2, 2)]], ["conv 5×5, 16", [conv(16, 5)]], ["mean 2×2", [pool(2, 2)]]],
    classifier: [["dense 120", [dense(120)]], ["dense 84", [dense(84)]], ["dense 10", [dense(10)]]],
  },
  alexnet: {
    title: "AlexNet", channels: 3, side: 227, classes: 1000,
    parts: [
      ["conv 11×11, 96", [conv(96, 11, 4)]], ["max pool 3×3", [pool(3, 2)]], ["conv 5×5, 256", [conv(256, 5, 1, 2)]], ["max pool 3×3", [pool(3, 2)]],
      ["conv 3×3, 384", [conv(384, 3, 1, 1)]], ["conv 3×3, 384", [conv(384, 3, 1, 1)]], ["conv 3×3, 256", [conv(256, 3, 1, 1)]], ["max pool 3×3", [pool(3, 2)]],
    ],
    classifier: [["dense 4096", [dense(4096)]], ["dense 4096", [dense(4096)]], ["dense 1000", [dense(1000)]]],
  },
  vgg16: {
    title: "VGG16", channels: 3, side: 224, classes: 1000,
    parts: [...stage(64, 2), ...stage(128, 2), ...stage(256, 3), ...stage(512, 3), ...stage(512, 3)],
    classifier: [["dense 4096", [dense(4096)]], ["dense 4096", [dense(4096)]], ["dense 1000", [dense(1000)]]],
  },
  resnet34: {
    title: "ResNet-34", channels: 3, side: 224, classes: 1000,
    parts: [
      ["conv 7×7, 64", [normalised(conv(64, 7, 2, 3))]], ["max pool 3×3", [pool(3, 2, 1)]],
      blocks(64, 3, 1), blocks(128, 4, 2), blocks(256, 6, 2), blocks(512, 3, 2),
    ],
    classifier: null,
  },
};

const windows = (side, kernel, stride, padding) => Math.floor((side + 2 * padding - kernel) / stride) + 1;

/** Output shape, parameters and multiply–adds of one layer; null where its window does not fit. */
function pass(layer, [C, H, W]) {
  if (layer.kind === "dense") return { shape: [layer.units, 1, 1], parameters: (C * H * W + 1) * layer.units, work: C * H * W * layer.units };
  if (layer.kind === "mean") return { shape: [C, 1, 1], parameters: 0, work: 0 };
  if (layer.kind === "pool") {
    const [OH, OW] = [H, W].map((side) => windows(side, layer.size, layer.stride, layer.padding));
    return Math.min(OH, OW) < 1 ? null : { shape: [C, OH, OW], parameters: 0, work: 0 };
  }
  if (layer.kind === "block") {
    const first = pass(normalised(conv(layer.filters, 3, layer.stride, 1)), [C, H, W]);
    const second = pass(normalised(conv(layer.filters, 3, 1, 1)), first.shape);
    const shortcut = layer.stride > 1 || C !== layer.filters
      ? pass(normalised(conv(layer.filters, 1, layer.stride)), [C, H, W]) : { parameters: 0, work: 0 };
    return {
      shape: second.shape,
      parameters: first.parameters + second.parameters + shortcut.parameters,
      work: first.work + second.work + shortcut.work,
    };
  }
  const [OH, OW] = [H, W].map((side) => windows(side, layer.kernel, layer.stride, layer.padding));
  if (Math.min(OH, OW) < 1) return null;
  const weights = layer.kernel ** 2 * C * layer.filters;
  const others = layer.filters * (layer.normalised ? 2 : 1); // scale and shift, or biases
  return { shape: [layer.filters, OH, OW], parameters: weights + others, work: weights * OH * OW };
}

/** Rows { name, shape, parameters, work, dense }; ends early where a window does not fit. */
function tableOf(network, side, globalPooling) {
  const { channels, classes, parts, classifier } = NETWORKS[network];
  const end = globalPooling || !classifier ? [["global mean", [{ kind: "mean" }]], [`dense ${classes}`, [dense(classes)]]] : classifier;
  const rows = [];
  let shape = [channels, side, side];
  for (const [name, layers] of [...parts, ...end]) {
    const row = { name, parameters: 0, work: 0, dense: layers[0].kind === "dense" };
    for (const layer of layers) {
      const passed = pass(layer, shape);
      if (!passed) return { rows, stuck: name };
      shape = passed.shape;
      row.parameters += passed.parameters;
      row.work += passed.work;
    }
    rows.push({ ...row, shape });
  }
  return { rows, stuck: null };
}

const sum = (rows, what) => rows.reduce((total, row) => total + row[what], 0);
const short = (number) => {
  const [size, unit] = number >= 1e9 ? [1e9, " G"] : number >= 1e6 ? [1e6, " M"] : number >= 1e3 ? [1e3, " k"] : [1, ""];
  return `${(number / size).toFixed(size > 1 ? (number / size < 10 ? 2 : 1) : 0)}${unit}`;
};
const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, " ");

function render({ model, el }) {
  const figure = createFigure({
    model, el, name: "shape_explorer", title: "Where are the parameters, and where is the work?",
    label: "Shape explorer: output shape, parameters and multiply–adds of each part of a network",
  });
  const read = () => figure.read(defaults);
  const table = () => tableOf(model.get("network"), model.get("side"), model.get("global_pooling"));
  const ROW = 34;
  const chart = createChart(figure, {
    label: "Parameters and multiply–adds of each part as bars; the table and the text below say the same",
    height: () => table().rows.length * ROW + 8,
    draw: (picture, width) => {
      const { rows } = table();
      const left = 128;
      const most = { parameters: Math.max(...rows.map((row) => row.parameters), 1), work: Math.max(...rows.map((row) => row.work), 1) };
      const room = width - left - 54;
      rows.forEach((row, i) => {
        const top = i * ROW + 4;
        const [C, H] = row.shape;
        picture.append(
          svg("text", { x: 0, y: top + 12 }, row.name),
          svg("text", { x: 0, y: top + 26, class: "dla-soft" }, row.dense ? `${C}` : `${C} × ${H} × ${row.shape[2]}`),
        );
        for (const [what, tone, y] of [["parameters", "data", top + 2], ["work", "prediction", top + 16]]) {
          const long = (row[what] / most[what]) * room;
          picture.append(
            svg("rect", { x: left, y, width: Math.max(long, row[what] > 0 ? 1.5 : 0), height: 11, fill: `var(--dla-${tone})`, "fill-opacity": what === "work" ? 0.65 : 1 }),
            row[what] > 0 && svg("text", { x: left + long + 5, y: y + 10, class: "dla-soft", "font-size": 11 }, short(row[what])),
          );
        }
      });
    },
  });
  const numbers = html("div", { class: "dla-facts" });
  const exact = html("div", { class: "dla-table-box" });
  const choose = choice(figure, {
    trait: "network", label: "network", options: Object.entries(NETWORKS).map(([key, { title }]) => [key, title]),
    write: (network) => figure.set({ network, side: NETWORKS[network].side }),
  });
  figure.body.append(
    html("div", { class: "dla-row" }, choose,
      slider(figure, { trait: "side", label: "side of the image", min: 28, max: 320, step: 1, show: String }),
      checkbox(figure, { trait: "global_pooling", label: "global mean and one dense layer at the end" })),
    legend([{ text: "parameters", tone: "data", mark: "area" }, { text: "multiply–adds for one image", tone: "prediction", mark: "area" }]),
    chart.picture, numbers,
    html("details", {}, html("summary", {}, "Every number"), exact),
  );
  const draw = () => {
    const { rows, stuck } = table();
    const { network, side } = read();
    const parameters = sum(rows, "parameters");
    const work = sum(rows, "work");
    const inDense = rows.filter((row) => row.dense);
    const [denseParameters, denseWork] = [sum(inDense, "parameters"), sum(inDense, "work")];
    const share = (part, whole) => (whole ? (100 * part) / whole : 0);
    numbers.replaceChildren(...facts([
      ["parameters", value("parameters", parameters, { text: grouped(parameters) }), "data"],
      ["multiply–adds", value("work", work, { text: grouped(work) }), "prediction"],
      ["parameters in dense layers", value("dense_parameters", share(denseParameters, parameters), { text: `${format(share(denseParameters, parameters), 1)} %` })],
      ["work in dense layers", value("dense_work", share(denseWork, work), { text: `${format(share(denseWork, work), 1)} %` })],
    ]));
    exact.replaceChildren(dataTable(["part", "shape", "parameters", "multiply–adds"], rows.map((row, i) => html("tr", {},
      html("th", { scope: "row" }, row.name), html("td", {}, row.shape.join(" × ")),
      html("td", {}, value(`parameters_${i}`, row.parameters, { text: grouped(row.parameters) })),
      html("td", {}, value(`work_${i}`, row.work, { text: grouped(row.work) }))))));
    chart.redraw();
    figure.say(stuck
      ? `${NETWORKS[network].title} on ${side} × ${side}: at the part “${stuck}” the window does not fit any more, the map is too small.`
      : `${NETWORKS[network].title} on images of ${side} × ${side}: ${short(parameters)} parameters, ${format(share(denseParameters, parameters), 1)} % of them in dense layers; ${short(work)} multiply–adds, ${format(share(denseWork, work), 1)} % of them there.`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };
