// A shape moves by a few pixels: how much does the image change, how much the pooled map?

export const defaults = { shape: "seven", pooling: "max", window: 3, stride: 2, shift_x: 1, shift_y: 0 };

const LAYOUT = `
.dla .dla-maps { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 10px 14px; }
@container (max-width: 560px) { .dla .dla-maps { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
.dla .dla-maps svg { border: 1px solid var(--dla-neutral); border-radius: 4px; overflow: hidden; background: var(--dla-panel); }
.dla .dla-shift-columns > :first-child { flex: 1.4 1 330px; }
`;

const SIZE = 20;
const SHAPES = {
  seven: ["digit 7", ["############", "############", ".........###", "........###.", ".......###..", "......###...", "......###...", ".....###....", ".....###....", "....###.....", "....###.....", "....###....."]],
  ring: ["ring", ["....####....", "..########..", ".###....###.", ".##......##.", "###......###", "##........##", "##........##", "###......###", ".##......##.", ".###....###.", "..########..", "....####...."]],
  dot: ["one dot", ["............", "............", "............", "............", "............", ".....##.....", ".....##....."]],
  stripes: ["thin stripes", new Array(12).fill("#.#.#.#.#.#.")],
};

function draw(shape, dx, dy) {
  const image = Array.from({ length: SIZE }, () => new Array(SIZE).fill(0));
  SHAPES[shape][1].forEach((line, i) => [...line].forEach((sign, j) => {
    if (sign === "#") image[i + 4 + dy][j + 4 + dx] = 1;
  }));
  return image;
}

function pool(image, kind, window, stride) {
  const size = Math.floor((image.length - window) / stride) + 1;
  return Array.from({ length: size }, (_, i) => Array.from({ length: size }, (__, j) => {
    const patch = image.slice(i * stride, i * stride + window).flatMap((row) => row.slice(j * stride, j * stride + window));
    return kind === "max" ? Math.max(...patch) : patch.reduce((sum, pixel) => sum + pixel, 0) / patch.length;
  }));
}

/** ‖after − before‖ / ‖before‖. */
function relativeChange(before, after) {
  const norm = (rows) => Math.hypot(...rows.flat());
  return norm(before.map((row, i) => row.map((entry, j) => after[i][j] - entry))) / norm(before);
}

function paintMap(picture, rows, tone, before) {
  const side = rows.length;
  picture.setAttribute("viewBox", `0 0 ${side} ${side}`);
  picture.replaceChildren(...rows.flatMap((row, i) => row.flatMap((entry, j) => {
    const cell = entry > 0 ? [svg("rect", { x: j, y: i, width: 1, height: 1, fill: `var(--dla-${tone})`, "fill-opacity": entry })] : [];
    if (before && Math.abs(entry - before[i][j]) > 0.1) {
      cell.push(svg("circle", { "shape-rendering": "geometricPrecision", cx: j + 0.5, cy: i + 0.5, r: 0.24, fill: "var(--dla-surface)", stroke: "var(--dla-error)", "stroke-width": 0.14 }));
    }
    return cell;
  })));
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "pooling_translation", title: "Does pooling forget a small translation?",
    label: "Pooling and translation: a shape moves by up to four pixels and the pooled map changes less than the image",
  });
  const maps = ["image", "image, moved", "pooled", "pooled, moved"].map((name) => {
    const caption = html("p", { class: "dla-caption" });
    return { name, caption, picture: svg("svg", { role: "img", "aria-label": name, "shape-rendering": "crispEdges" }) };
  });
  let curves = {};
  const chart = createChart(figure, {
    label: "Relative change against the shift to the right; the text below gives the numbers", height: 210,
    draw: (picture, width, height) => {
      const kinds = [["image", "dot", "data", undefined], ["max", "square", "prediction", undefined], ["average", "triangle", "gradient", "6 4"]];
      const top = Math.max(1, ...Object.values(curves).flat()) * 1.08;
      const frame = axes(picture, {
        width, height, x: { min: 0, max: 4, label: "shift to the right (pixels)", ticks: [0, 1, 2, 3, 4] },
        y: { min: 0, max: top, label: "relative change", count: 4 },
      });
      const at = frame.x(model.get("shift_x"));
      frame.layer.append(svg("line", { x1: at, x2: at, y1: frame.top, y2: frame.bottom, stroke: "var(--dla-neutral)", "stroke-dasharray": "2 3" }));
      for (const [kind, mark, tone, dash] of kinds) {
        const points = curves[kind].map((change, shift) => [frame.x(shift), frame.y(change)]);
        frame.layer.append(path(points, { stroke: `var(--dla-${tone})`, "stroke-dasharray": dash }),
          ...points.map(([x, y]) => marker(mark, x, y, 4.5, { fill: `var(--dla-${tone})` })));
      }
    },
  });
  const numbers = html("div", { class: "dla-facts" });
  figure.body.append(
    html("div", { class: "dla-maps" }, maps.map(({ picture, caption }) => html("div", {}, caption, picture))),
    html("div", { class: "dla-row" },
      choice(figure, { trait: "shape", label: "shape", options: Object.entries(SHAPES).map(([key, [text]]) => [key, text]) }),
      choice(figure, { trait: "pooling", label: "pooling", options: [["max", "maximum"], ["average", "average"]] }),
      choice(figure, { trait: "window", label: "window", options: [1, 2, 3, 4, 5].map((n) => [n, `${n}×${n}`]) }),
      choice(figure, { trait: "stride", label: "stride", options: [1, 2, 3, 4].map((n) => [n, String(n)]) }),
      slider(figure, { trait: "shift_x", label: "shift to the right", min: 0, max: 4, step: 1, show: (n) => `${n} px` }),
      slider(figure, { trait: "shift_y", label: "shift down", min: 0, max: 4, step: 1, show: (n) => `${n} px` })),
    html("div", { class: "dla-columns dla-shift-columns" },
      html("div", {}, legend([
        { text: "image", mark: "dot", tone: "data" }, { text: "maximum", mark: "square", tone: "prediction" }, { text: "average", mark: "triangle", tone: "gradient" },
      ]), chart.picture), numbers),
  );

  const update = () => {
    const [shape, pooling, window, stride, dx, dy] = Object.keys(defaults).map((trait) => model.get(trait));
    const [image, moved] = [draw(shape, 0, 0), draw(shape, dx, dy)];
    const [pooled, pooledMoved] = [pool(image, pooling, window, stride), pool(moved, pooling, window, stride)];
    const side = pooled.length;
    paintMap(maps[0].picture, image, "data");
    paintMap(maps[1].picture, moved, "data", image);
    paintMap(maps[2].picture, pooled, "prediction");
    paintMap(maps[3].picture, pooledMoved, "prediction", pooled);
    maps.forEach(({ name, caption }, i) => {
      caption.textContent = `${name}, ${i < 2 ? `${SIZE}×${SIZE}` : `${side}×${side}`}`;
    });
    const shifts = [0, 1, 2, 3, 4];
    const compare = (kind) => shifts.map((shift) => {
      const there = draw(shape, shift, dy);
      return kind ? relativeChange(pool(image, kind, window, stride), pool(there, kind, window, stride)) : relativeChange(image, there);
    });
    curves = { image: compare(), max: compare("max"), average: compare("average") };
    const changed = (a, b) => a.flat().filter((entry, i) => Math.abs(entry - b.flat()[i]) > 0.1).length;
    numbers.replaceChildren(...facts([
      ["change of the image", value("change_image", curves.image[dx], { digits: 3 }), "data"],
      ["after maximum pooling", value("change_max", curves.max[dx], { digits: 3 }), "prediction"],
      ["after average pooling", value("change_average", curves.average[dx], { digits: 3 }), "gradient"],
      ["pooled entries that changed", html("span", {}, value("changed_entries", changed(pooled, pooledMoved), { digits: 0 }), ` of ${side * side}`), "error"],
    ]));
    chart.redraw();
    figure.say(`${SHAPES[shape][0]} moved by ${dx} to the right and ${dy} down; windows ${window} by ${window}, stride ${stride}. Relative change ‖after − before‖ / ‖before‖: image ${format(curves.image[dx], 3)}, maximum pooling ${format(curves.max[dx], 3)}, average pooling ${format(curves.average[dx], 3)}. Circles mark the entries that changed by more than 0.1.`);
  };
  figure.watch(Object.keys(defaults), batched(update));
  update();
  return figure.cleanup;
}

export default { render };
