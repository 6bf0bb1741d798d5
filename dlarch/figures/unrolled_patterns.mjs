// Recurrent networks unrolled: all arrows that lead to a chosen output, along which its gradient goes back.

export const defaults = { pattern: "every_step", output: 3, reveal: false };

const LAYOUT = ".dla svg .dla-chosen-letter { fill: var(--dla-surface); }";
const PATTERNS = [
  ["every_step", "an output at every step"],
  ["at_the_end", "one output at the end"],
  ["output_back", "only the output fed back"],
  ["from_a_vector", "from a vector to a sequence"],
  ["to_a_sequence", "from a sequence to a sequence"],
  ["both_directions", "both directions"],
];
const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";
const nameOf = (node) => `${node.letter}${SUBSCRIPTS[node.index]}`;

/** Nodes with their column and row, edges [from, to, whether a step in time], and the outputs in their order. */
function network(pattern) {
  const nodes = new Map();
  const edges = [];
  const add = (letter, index, column, row) => {
    const node = { key: `${letter}${index}`, letter, index, column, row };
    nodes.set(node.key, node);
  };
  const join = (from, to, step = false) => edges.push([from, to, step]);
  const twice = pattern === "both_directions";
  const chain = pattern === "to_a_sequence" ? 6 : 4;
  for (let t = 1; t <= chain; t += 1) {
    const reads = pattern === "to_a_sequence" ? t <= 3 : pattern === "from_a_vector" ? t === 1 : true;
    const writes = pattern === "at_the_end" ? t === chain : pattern === "to_a_sequence" ? t > 3 : true;
    add("h", t, t, twice ? 2 : 1);
    if (twice) add("r", t, t, 1);
    if (reads) {
      add("x", t, t, twice ? 3 : 2);
      join(`x${t}`, `h${t}`);
      if (twice) join(`x${t}`, `r${t}`);
    }
    if (writes) {
      const number = pattern === "to_a_sequence" ? t - 3 : t;
      add("y", number, t, 0);
      join(`h${t}`, `y${number}`);
      if (twice) join(`r${t}`, `y${number}`);
    }
    if (t > 1) {
      if (pattern !== "output_back") join(`h${t - 1}`, `h${t}`, true);
      if (twice) join(`r${t}`, `r${t - 1}`, true);
      if (pattern === "output_back" || pattern === "from_a_vector") join(`y${t - 1}`, `h${t}`, true);
      if (pattern === "to_a_sequence" && t > 4) join(`y${t - 4}`, `h${t}`, true);
    }
  }
  return { nodes, edges, columns: chain, rows: twice ? 4 : 3, outputs: [...nodes.values()].filter(({ letter }) => letter === "y") };
}

/** Everything that a node depends on, itself too; the most steps in time on a way to it; the ways from the first input. */
function dependence({ nodes, edges }, goal) {
  const incoming = (key) => edges.filter(([, to]) => to === key);
  const known = new Map();
  const look = (key) => {
    if (!known.has(key)) {
      const before = incoming(key).map(([from, , step]) => ({ ...look(from), step }));
      known.set(key, {
        steps: Math.max(0, ...before.map(({ steps, step }) => steps + (step ? 1 : 0))),
        ways: key === "x1" ? 1 : before.reduce((total, { ways }) => total + ways, 0),
      });
    }
    return known.get(key);
  };
  const { steps, ways } = look(goal);
  const inputs = [...nodes.values()].filter(({ key, letter }) => letter === "x" && known.has(key));
  return { reached: new Set(known.keys()), steps, ways, inputs };
}

function render({ model, el }) {
  adoptStyle(LAYOUT);
  const figure = createFigure({
    model, el, name: "unrolled_patterns", title: "What does this output depend on?",
    label: "Unrolled recurrent networks: the arrows that lead to a chosen output",
  });
  let graph = network("every_step");
  let goal = graph.outputs[0];
  let found = dependence(graph, goal.key);
  const chart = createChart(figure, {
    label: "The unrolled network, inputs below and outputs above; the text below says which inputs the chosen output depends on",
    height: () => 78 * graph.rows + 14,
    draw: (picture, width) => {
      const reveal = model.get("reveal");
      const radius = Math.min(19, width / graph.columns / 3);
      const x = (node) => ((node.column - 0.5) * width) / graph.columns;
      const y = (node) => 44 + 78 * node.row;
      const arrow = ([from, to]) => {
        const [start, end] = [graph.nodes.get(from), graph.nodes.get(to)];
        const marked = reveal && found.reached.has(from) && found.reached.has(to);
        const colour = marked ? "var(--dla-gradient)" : "var(--dla-neutral)";
        let [x0, y0, x1, y1] = [x(start), y(start), x(end), y(end)];
        // An arrow past another state in its column goes beside it.
        const around = start.column === end.column && Math.abs(start.row - end.row) > 1 ? radius + 9 : 0;
        const bent = [(x0 + x1) / 2 + around, (y0 + y1) / 2];
        const leave = Math.hypot(bent[0] - x0, bent[1] - y0);
        const arrive = Math.hypot(x1 - bent[0], y1 - bent[1]);
        [x0, y0] = [x0 + ((bent[0] - x0) / leave) * radius, y0 + ((bent[1] - y0) / leave) * radius];
        const [ux, uy] = [(x1 - bent[0]) / arrive, (y1 - bent[1]) / arrive];
        [x1, y1] = [x1 - ux * (radius + 2), y1 - uy * (radius + 2)];
        const head = `M${x1} ${y1}L${x1 - 8 * ux + 4 * uy} ${y1 - 8 * uy - 4 * ux}L${x1 - 8 * ux - 4 * uy} ${y1 - 8 * uy + 4 * ux}Z`;
        return svg("g", { "data-marked": marked ? "true" : undefined, opacity: reveal && !marked ? 0.45 : 1 },
          svg("path", { d: `M${x0} ${y0}Q${bent[0]} ${bent[1]} ${x1} ${y1}`, fill: "none", stroke: colour, "stroke-width": marked ? 3 : 1.5 }),
          svg("path", { d: head, fill: colour }));
      };
      const circle = (node) => {
        const chosen = node.key === goal.key;
        const marked = reveal && found.reached.has(node.key);
        const tone = chosen ? "prediction" : marked ? "gradient" : node.letter === "x" ? "data" : "neutral";
        const round = node.letter === "h" || node.letter === "r";
        const shape = { fill: chosen ? "var(--dla-prediction)" : "var(--dla-surface)", stroke: `var(--dla-${tone})`, "stroke-width": chosen || marked ? 3 : 1.5 };
        return svg("g", {},
          round ? svg("circle", { cx: x(node), cy: y(node), r: radius, ...shape })
            : svg("rect", { x: x(node) - radius, y: y(node) - radius, width: 2 * radius, height: 2 * radius, rx: 4, ...shape }),
          svg("text", { x: x(node), y: y(node) + 4, "text-anchor": "middle", class: chosen && "dla-chosen-letter" }, nameOf(node)));
      };
      picture.append(...graph.edges.map(arrow), ...[...graph.nodes.values()].map(circle));
    },
  });
  const numbers = html("div", { class: "dla-facts" });
  figure.body.append(
    html("div", { class: "dla-row" },
      choice(figure, { trait: "pattern", label: "pattern", options: PATTERNS }),
      slider(figure, { trait: "output", label: "output", min: 1, max: 4, step: 1, show: String }),
      checkbox(figure, { trait: "reveal", label: "show what it depends on" })),
    legend([
      { text: "input x", mark: "square", tone: "data" }, { text: "state h (r: read backwards)", mark: "ring", tone: "neutral" },
      { text: "chosen output y", mark: "square", tone: "prediction" }, { text: "on a way to it: the gradient goes back here", tone: "gradient" },
    ]),
    chart.picture, numbers,
  );

  const draw = () => {
    const { pattern, output, reveal } = figure.read(defaults);
    graph = network(pattern);
    goal = graph.outputs[Math.min(output, graph.outputs.length) - 1];
    found = dependence(graph, goal.key);
    const shown = (name, number) => (reveal ? value(name, number, { digits: 0 }) : html("span", {}, "?"));
    numbers.replaceChildren(...facts([
      ["inputs that it depends on", shown("inputs", found.inputs.length), "gradient"],
      ["most steps in time on a way", shown("steps", found.steps), "gradient"],
      ["ways from the first input", shown("ways", found.ways)],
    ]));
    chart.redraw();
    const title = PATTERNS.find(([key]) => key === pattern)[1];
    figure.say(reveal
      ? `In the pattern “${title}”, the output ${nameOf(goal)} depends on ${found.inputs.map(nameOf).join(", ")}. The longest way has ${found.steps} steps in time; ${found.ways} lead${found.ways === 1 ? "s" : ""} from x₁ to it. The gradient goes back along all of them.`
      : `In the pattern “${title}”, the output ${nameOf(goal)} is chosen. Which inputs can it depend on, and over how many steps in time? Say it, then tick the box.`);
  };
  figure.watch(Object.keys(defaults), batched(draw));
  draw();
  return figure.cleanup;
}

export default { render };
