// Two shapes aligned from the right: each axis is equal, stretched or refused, and the values are added.

export const defaults = { a: [4, 1], b: [3], cell: [2, 1] };

const LAYOUT = `
.dla .dla-axes { width: 100%; table-layout: fixed; }
.dla .dla-axes :is(th, td) { text-align: center; white-space: normal; vertical-align: top; padding: 4px 5px; }
.dla .dla-axes tr > :first-child { text-align: left; width: 23%; vertical-align: middle; }
.dla .dla-axes select { min-width: 54px; width: auto; }
.dla .dla-axes .dla-verdict { font-size: 12.5px; line-height: 1.35; }
.dla .dla-axes .dla-size { font-size: 17px; font-weight: 650; }
.dla .dla-arrays { display: flex; flex-wrap: wrap; gap: 12px 22px; align-items: flex-start; }
.dla .dla-array:not([hidden]) { display: flex; flex-direction: column; gap: 8px; }
.dla .dla-slice { display: grid; gap: 2px; justify-content: start; }
.dla .dla-slice > span { width: 36px; height: 28px; display: grid; place-items: center; font-size: 13px; border: 1.5px solid var(--tone); border-radius: 4px; }
.dla .dla-slice > span.dla-copy { border: 1.5px dashed var(--dla-neutral); color: var(--dla-soft); }
.dla .dla-slice > span.dla-now { outline: 3px solid var(--dla-ink); outline-offset: -1px; font-weight: 700; }
`;

const AXES = 3;
const SIZES = [1, 2, 3, 4];
const EXAMPLES = [
  ["column and row", "column", [4, 1], [3]], ["batch and bias", "bias", [4, 3], [3]], ["refused", "refused", [4, 3], [4]],
  ["new axis", "mended", [4, 3], [4, 1]], ["all pairs", "pairs", [4, 1, 2], [3, 2]],
];

const written = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
const product = (shape) => shape.reduce((total, size) => total * size, 1);

/** Each axis from the left of the longer shape: sizes of a and b (undefined where missing), the result's (undefined where refused). */
function align(a, b) {
  const axes = Math.max(a.length, b.length);
  return Array.from({ length: axes }, (_, i) => {
    const [p, q] = [a[a.length - axes + i], b[b.length - axes + i]];
    const [m, n] = [p ?? 1, q ?? 1];
    return { axis: i - axes, p, q, size: m === n ? m : m === 1 ? n : n === 1 ? m : undefined };
  });
}

function verdict({ p, q, size }) {
  if (size === undefined) return `refused: ${p} ≠ ${q} and neither is 1`;
  if (p === undefined || q === undefined) {
    const [name, other] = p === undefined ? ["a", q] : ["b", p];
    return `missing in ${name}: counts as 1${other > 1 ? `, stretched to ${other}` : ""}`;
  }
  return p === q ? `equal: ${p}` : `${p === 1 ? "a" : "b"}: 1 stretched to ${size}`;
}

/** The index into an array of this shape that stands behind an index of the result. */
const sourceIndex = (index, shape) => shape.map((size, i) => (size === 1 ? 0 : index[index.length - shape.length + i]));
const flat = (index, shape) => index.reduce((place, entry, i) => place * shape[i] + entry, 0);
const everyIndex = (shape) => Array.from({ length: product(shape) }, (_, place) =>
  shape.reduceRight(([index, rest], size) => [[rest % size, ...index], Math.floor(rest / size)], [[], place])[0]);

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "broadcasting", title: "Do these two shapes fit?",
    label: "Broadcasting: two shapes aligned from the right, each axis equal, stretched or refused, with the values of a + b",
  });
  const resultShape = () => {
    const sizes = align(model.get("a"), model.get("b")).map(({ size }) => size);
    return sizes.includes(undefined) ? undefined : sizes;
  };
  const cellIn = (shape) => {
    const cell = model.get("cell");
    return shape.map((size, i) => Math.min(size - 1, cell[cell.length - shape.length + i] ?? 0));
  };
  const sizeField = (trait, place) => choice(figure, {
    trait, name: `${trait}_${place}`, bare: true, label: `axis −${place} of ${trait}`, options: [[0, "–"], ...SIZES.map((size) => [size, String(size)])],
    read: () => model.get(trait).at(-place) ?? 0,
    write: (size) => {
      const shape = model.get(trait);
      if (size === 0) return figure.set({ [trait]: place > 1 ? shape.slice(1 - place) : [] });
      const longer = [...new Array(Math.max(0, place - shape.length)).fill(1), ...shape];
      return figure.set({ [trait]: longer.with(-place, size) });
    },
  });
  const places = Array.from({ length: AXES }, (_, i) => AXES - i);
  const verdicts = places.map(() => html("td", { class: "dla-verdict" }));
  const sizes = places.map(() => html("td", { class: "dla-size" }));
  const [aboutResult, explained] = [html("th", { scope: "row" }), html("p", { class: "dla-formula" })];
  const [first, second, result] = ["a", "b", "sum"].map(() => html("div", { class: "dla-array" }));
  const rowOf = (head, cells) => html("tr", {}, head, cells);
  figure.body.append(
    html("table", { class: "dla-axes" },
      html("thead", {}, rowOf(html("th", { scope: "col" }, "shape of"), places.map((place) => html("th", { scope: "col" }, `axis −${place}`)))),
      html("tbody", {},
        ["a", "b"].map((trait) => rowOf(html("th", { scope: "row" }, formula(trait)), places.map((place) => html("td", {}, sizeField(trait, place))))),
        rowOf(html("th", { scope: "row" }, "verdict"), verdicts),
        rowOf(aboutResult, sizes))),
    html("div", { class: "dla-buttons" }, EXAMPLES.map(([title, action, a, b]) =>
      button(title, () => figure.set({ a, b }), { "data-action": action }))),
    legend([{ text: "entry of the array", tone: "ink" }, { text: "entry read again (stretched)", tone: "neutral", dash: "4 3" }]),
    html("div", { class: "dla-arrays" }, first, second, result), explained,
  );

  steerable(result, {
    label: "Entry of a + b that is explained: arrow keys choose its column and row, up and down with Shift its first axis of three",
    move: (dx, dy, big) => {
      const shape = resultShape();
      if (!shape) return;
      const axis = dx ? 1 : big ? 3 : 2;
      if (axis > shape.length) return;
      const next = cellIn(shape).at(-axis) + (dx || dy);
      if (next >= 0 && next < shape.at(-axis)) figure.set({ cell: cellIn(shape).with(-axis, next) });
    },
    point: () => {},
  });
  result.style.cursor = "pointer";

  /** An array as a grid for each of its slices along the first axis of three; `entry(index)` gives its cells. */
  const grids = (box, title, shape, tone, entry) => {
    const columns = shape.at(-1) ?? 1;
    const cells = everyIndex(shape).map(entry);
    const perSlice = columns * (shape.at(-2) ?? 1);
    box.style.setProperty("--tone", `var(--dla-${tone})`);
    box.replaceChildren(
      html("p", { class: "dla-heading" }, title),
      ...Array.from({ length: cells.length / perSlice }, (_, i) => {
        const slice = html("div", { class: "dla-slice" }, cells.slice(i * perSlice, (i + 1) * perSlice));
        slice.style.gridTemplateColumns = `repeat(${columns}, 36px)`;
        return slice;
      }));
  };

  const draw = () => {
    const [a, b] = [model.get("a"), model.get("b")];
    const aligned = align(a, b);
    const shape = resultShape();
    places.forEach((place, i) => {
      const axis = aligned.at(-place);
      const isThere = place <= aligned.length;
      verdicts[i].replaceChildren(isThere ? verdict(axis) : "");
      verdicts[i].className = `dla-verdict ${isThere && axis.size === undefined ? "dla-error" : ""}`;
      sizes[i].replaceChildren(!isThere ? "–" : axis.size === undefined ? html("span", { class: "dla-error" }, "✕") : value(`size_${place}`, axis.size, { digits: 0 }));
    });
    aboutResult.replaceChildren(formula("a + b"));
    const now = shape && cellIn(shape);
    const entries = { a: (index) => 10 * (flat(index, a) + 1), b: (index) => flat(index, b) + 1 };
    const cellOf = (name, number, index, { copy = false } = {}) => html("span", {
      class: [copy ? "dla-copy" : "", now && String(index) === String(now) ? "dla-now" : ""].filter(Boolean).join(" ") || undefined,
    }, value([name, ...index].join("_"), number, { digits: 0 }));
    const stretched = (box, name, own, tone) => grids(box, formula(`${name} ${written(own)}`), shape ?? own, tone, (index) => {
      if (!shape) return cellOf(name, entries[name](index), index);
      const source = sourceIndex(index, own);
      const copy = index.some((entry, i) => entry !== (source[i - (index.length - own.length)] ?? 0));
      return cellOf(name, entries[name](source), index, { copy });
    });
    const sum = (index) => entries.a(sourceIndex(index, a)) + entries.b(sourceIndex(index, b));
    stretched(first, "a", a, "data");
    stretched(second, "b", b, "prediction");
    result.hidden = !shape;
    const reasons = aligned.map((axis) => `Axis −${-axis.axis}: ${verdict(axis)}.`).reverse().join(" ");
    const start = `Shapes ${written(a)} and ${written(b)}, aligned from the right.${reasons ? ` ${reasons}` : ""}`;
    if (!shape) {
      result.replaceChildren();
      explained.replaceChildren(html("span", { class: "dla-error" }, `a + b raises a ValueError: shapes ${written(a)} and ${written(b)} do not fit.`));
      figure.say(`${start} They do not fit: a + b raises a ValueError.`);
      return;
    }
    grids(result, formula(`a + b ${written(shape)}`), shape, "truth", (index) => {
      const cell = cellOf("sum", sum(index), index);
      cell.addEventListener("pointerdown", () => figure.set({ cell: index }));
      return cell;
    });
    const at = (index) => (index.length ? `[${index.join(", ")}]` : "");
    const [fromA, fromB] = [sourceIndex(now, a), sourceIndex(now, b)];
    const equation = `${entries.a(fromA)} + ${entries.b(fromB)} = ${sum(now)}`;
    explained.replaceChildren(formula(`(a + b)${at(now)} = a${at(fromA)} + b${at(fromB)} = ${equation}`));
    figure.say(`${start} The result has shape ${written(shape)}. Its entry ${at(now) || "alone"} is a${at(fromA)} + b${at(fromB)} = ${equation}. Nothing is copied in memory: a stretched axis is read again.`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };
