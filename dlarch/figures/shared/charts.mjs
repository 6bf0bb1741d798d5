// Axes, lines, contours, marks and grey pictures.

function ticks(min, max, count = 5) {
  const rough = (max - min) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/**
 * Labelled axes. x and y: { min, max, label, ticks, log, show }. Returns the scales and the layer to draw in.
 * With `log`, min and max are positive and ticks are powers of ten.
 */
function axes(picture, { left = 48, right = 10, top = 12, bottom = 40, width, height, x, y }) {
  const scale = (axis, from, to) => {
    const transform = axis.log ? Math.log10 : (number) => number;
    const [low, high] = [transform(axis.min), transform(axis.max)];
    return (number) => from + ((transform(number) - low) / (high - low)) * (to - from);
  };
  const marks = (axis) => {
    if (axis.ticks) return axis.ticks;
    if (!axis.log) return ticks(axis.min, axis.max, axis.count);
    const [low, high] = [Math.ceil(Math.log10(axis.min) - 1e-9), Math.floor(Math.log10(axis.max) + 1e-9)];
    const stride = Math.max(1, Math.ceil((high - low) / 6));
    return Array.from({ length: Math.floor((high - low) / stride) + 1 }, (_, i) => 10 ** (low + i * stride));
  };
  const show = (axis) => axis.show
    ?? (axis.log ? (number) => `10${superscript(Math.round(Math.log10(number)))}` : (number) => String(number).replace("-", "−"));
  const toX = scale(x, left, width - right);
  const toY = scale(y, height - bottom, top);
  const grid = svg("g", { "aria-hidden": "true" });
  for (const mark of marks(y)) {
    grid.append(
      svg("line", { x1: left, x2: width - right, y1: toY(mark), y2: toY(mark), stroke: "var(--dla-faint)" }),
      svg("text", { x: left - 7, y: toY(mark) + 4, "text-anchor": "end", class: "dla-soft" }, show(y)(mark)),
    );
  }
  for (const mark of marks(x)) {
    grid.append(
      svg("line", { x1: toX(mark), x2: toX(mark), y1: height - bottom, y2: height - bottom + 4, stroke: "var(--dla-neutral)" }),
      svg("text", { x: toX(mark), y: height - bottom + 17, "text-anchor": "middle", class: "dla-soft" }, show(x)(mark)),
    );
  }
  grid.append(
    svg("line", { x1: left, x2: width - right, y1: height - bottom, y2: height - bottom, stroke: "var(--dla-neutral)" }),
    svg("text", { x: (left + width - right) / 2, y: height - bottom + 35, "text-anchor": "middle", class: "dla-soft" }, x.label),
    svg("text", {
      transform: `translate(12 ${(top + height - bottom) / 2}) rotate(-90)`, "text-anchor": "middle", class: "dla-soft",
    }, y.label),
  );
  const layer = svg("g");
  picture.append(grid, layer);
  return { x: toX, y: toY, layer, left, right: width - right, top, bottom: height - bottom };
}

/** A layer of which only the part inside the frame is seen. */
function clipped({ layer, left, right, top, bottom }) {
  const id = `dla-clip-${Math.random().toString(36).slice(2)}`;
  const inside = svg("g", { "clip-path": `url(#${id})` });
  layer.append(svg("clipPath", { id }, svg("rect", { x: left, y: top, width: right - left, height: bottom - top })), inside);
  return inside;
}

/** Where a field on a grid (row by row) crosses a level: line pieces in each square of neighbours (marching squares). */
function contour(field, columns, level, at) {
  const pieces = [];
  for (let r = 0; r + 1 < field.length / columns; r += 1) {
    for (let c = 0; c + 1 < columns; c += 1) {
      const corners = [[r, c], [r, c + 1], [r + 1, c + 1], [r + 1, c]];
      const crossings = corners.flatMap(([r0, c0], i) => {
        const [r1, c1] = corners[(i + 1) % 4];
        const [f0, f1] = [field[r0 * columns + c0] - level, field[r1 * columns + c1] - level];
        if ((f0 > 0) === (f1 > 0)) return [];
        const way = f0 / (f0 - f1);
        return [at(r0 + way * (r1 - r0), c0 + way * (c1 - c0))];
      });
      for (let i = 0; i + 1 < crossings.length; i += 2) pieces.push(`M${crossings[i].join(" ")}L${crossings[i + 1].join(" ")}`);
    }
  }
  return pieces.join("");
}

/** The cells of a field (row by row, filling the frame) whose `bandOf(number)` is 0, 1, …: an SVG path for each band. */
function bandPaths(field, columns, bandOf, { left, right, top, bottom }) {
  const rows = field.length / columns;
  const edges = (from, to, count) => Array.from({ length: count + 1 }, (_, i) => Math.round(from + (i * (to - from)) / count));
  const [xs, ys] = [edges(left, right, columns), edges(top, bottom, rows)];
  const bands = [];
  for (let r = 0; r < rows; r += 1) {
    for (let c = 0; c < columns;) {
      const [from, band] = [c, bandOf(field[r * columns + c])];
      while (c < columns && bandOf(field[r * columns + c]) === band) c += 1;
      bands[band] = `${bands[band] ?? ""}M${xs[from]} ${ys[r]}H${xs[c]}V${ys[r + 1]}H${xs[from]}z`;
    }
  }
  return Array.from(bands, (cells) => cells ?? "");
}

/** An SVG path through points [x, y] given in pixels. */
function path(points, attributes = {}) {
  const d = points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(2)} ${y.toFixed(2)}`).join("");
  return svg("path", { d, fill: "none", "stroke-width": 2, "stroke-linejoin": "round", "stroke-linecap": "round", ...attributes });
}

/** Legend entries: { text, tone, dash, mark } with mark one of line, area, ring, dot, square, triangle, cross. */
function legend(entries) {
  return html("ul", { class: "dla-legend" }, entries.map(({ text, tone, dash, mark = "line" }) => {
    const colour = `var(--dla-${tone})`;
    const shapes = {
      line: () => svg("line", { x1: 1, x2: 25, y1: 6, y2: 6, stroke: colour, "stroke-width": 2.5, "stroke-dasharray": dash }),
      ring: () => svg("circle", { cx: 13, cy: 6, r: 5, fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": dash }),
      area: () => svg("rect", { x: 1, y: 1, width: 24, height: 10, fill: colour, "fill-opacity": 0.25, stroke: colour }),
      ...Object.fromEntries(["dot", "square", "triangle", "cross"].map((kind) => [kind, () => marker(kind, 13, 6, 5, { fill: colour, stroke: colour })])),
    };
    return html("li", {}, svg("svg", { viewBox: "0 0 26 12", "aria-hidden": "true" }, shapes[mark]()), text);
  }));
}

/** Marks that differ in shape as well as in colour. */
function marker(kind, x, y, size, attributes = {}) {
  if (kind === "dot") return svg("circle", { cx: x, cy: y, r: size, ...attributes });
  if (kind === "square") return svg("rect", { x: x - size * 0.9, y: y - size * 0.9, width: 1.8 * size, height: 1.8 * size, ...attributes });
  if (kind === "cross") {
    return svg("path", { d: `M${x - size} ${y - size}L${x + size} ${y + size}M${x - size} ${y + size}L${x + size} ${y - size}`, "stroke-width": 2, ...attributes });
  }
  return svg("path", { d: `M${x} ${y - 1.1 * size}L${x + 1.1 * size} ${y + 0.9 * size}L${x - 1.1 * size} ${y + 0.9 * size}Z`, ...attributes });
}

/** A grey picture on a canvas: `pixels` in [0, 1], row by row, shown `scale` times larger without smoothing. */
function paintGrey(canvas, pixels, width, height) {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i += 1) {
    const level = Math.round(255 * Math.min(1, Math.max(0, pixels[i])));
    image.data.set([level, level, level, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

/** The grey levels (0–255) of a PNG given as a data address. */
async function decodeGrey(address) {
  const picture = new Image();
  picture.src = address;
  await picture.decode();
  const canvas = html("canvas", { width: picture.naturalWidth, height: picture.naturalHeight });
  const context = canvas.getContext("2d", { colorSpace: "srgb", willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { width, height, levels: Uint8Array.from({ length: width * height }, (_, i) => data[4 * i]) };
}
