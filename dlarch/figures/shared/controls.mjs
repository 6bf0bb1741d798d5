// What a reader moves: sliders, fields, choices, buttons, players, handles.

const SHORTCUTS = { "data-lm-suppress-shortcuts": "true" };

/**
 * A slider for a number; with `log`, equal ways are equal factors, and `step` counts in powers of ten.
 * With `zero` as well, the lowest place stands for 0.
 */
function slider(figure, { trait, label, min, max, step, log = false, zero = false, show = (number) => format(number, 2) }) {
  const fromPlace = (place) => (zero && Number(place) <= Math.log10(min) ? 0 : Number((10 ** place).toPrecision(3)));
  const [inward, outward] = log ? [(number) => Math.log10(Math.max(number, min)), fromPlace] : [Number, Number];
  const input = html("input", { type: "range", min: inward(min), max: inward(max), step, "data-trait": trait, ...SHORTCUTS });
  const shown = html("b");
  const refresh = () => {
    input.value = inward(figure.model.get(trait));
    shown.textContent = show(figure.model.get(trait));
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.addEventListener("input", () => figure.set({ [trait]: outward(input.value) }));
  figure.watch([trait], refresh);
  refresh();
  return html("label", { class: "dla-field dla-slider" }, html("span", {}, label, shown), input);
}

/** A number field; `read` and `write` let it stand for one entry of a list. */
function numberField(figure, { trait, label, name = trait, min, max, step = "any", read, write, bare = false }) {
  const get = read ?? (() => figure.model.get(trait));
  const put = write ?? ((number) => figure.set({ [trait]: number }));
  const input = html("input", {
    type: "number", step, min, max, "data-trait": name, "aria-label": bare ? label : undefined, ...SHORTCUTS,
  });
  const refresh = () => {
    if (Number(input.value) !== get() || input.value === "") input.value = get();
  };
  input.addEventListener("input", () => {
    const number = input.valueAsNumber;
    const allowed = Number.isFinite(number) && number >= (min ?? -Infinity) && number <= (max ?? Infinity);
    input.setAttribute("aria-invalid", String(!allowed));
    if (allowed) put(number);
  });
  input.addEventListener("blur", () => {
    input.setAttribute("aria-invalid", "false");
    refresh();
  });
  figure.watch([trait], refresh);
  refresh();
  return bare ? input : html("label", { class: "dla-field" }, html("span", {}, label), input);
}

/** A list of choices: options are [value, label]; `read` and `write` let it stand for one entry of a list. */
function choice(figure, { trait, label, options, name = trait, read, write, bare = false }) {
  const get = read ?? (() => figure.model.get(trait));
  const put = write ?? ((chosen) => figure.set({ [trait]: chosen }));
  const select = html(
    "select", { "data-trait": name, "aria-label": bare ? label : undefined, ...SHORTCUTS },
    options.map(([key, text]) => html("option", { value: JSON.stringify(key) }, text)),
  );
  const refresh = () => {
    select.value = JSON.stringify(get());
  };
  select.addEventListener("change", () => put(JSON.parse(select.value)));
  figure.watch([trait], refresh);
  refresh();
  return bare ? select : html("label", { class: "dla-field" }, html("span", {}, label), select);
}

function checkbox(figure, { trait, label }) {
  const input = html("input", { type: "checkbox", "data-trait": trait, ...SHORTCUTS });
  const refresh = () => {
    input.checked = figure.model.get(trait);
  };
  input.addEventListener("change", () => figure.set({ [trait]: input.checked }));
  figure.watch([trait], refresh);
  refresh();
  return html("label", { class: "dla-check" }, input, label);
}

function button(text, action, attributes = {}) {
  return html("button", { type: "button", onclick: action, ...SHORTCUTS, ...attributes }, text);
}

/** A matrix of number fields for a trait that is a list of lists. */
function matrixField(figure, { trait, label, min = -9, max = 9, onEdit = () => {} }) {
  const rows = figure.model.get(trait);
  const box = html("div", { class: "dla-matrix", role: "group", "aria-label": label });
  box.style.gridTemplateColumns = `repeat(${rows[0].length}, auto)`;
  rows.forEach((row, i) =>
    row.forEach((_, j) =>
      box.append(numberField(figure, {
        trait, name: `${trait}_${i}_${j}`, bare: true, min, max, label: `${label}, row ${i + 1}, column ${j + 1}`,
        read: () => figure.model.get(trait)[i][j],
        write: (number) => {
          const next = figure.model.get(trait).map((line) => [...line]);
          next[i][j] = number;
          figure.set({ [trait]: next });
          onEdit();
        },
      }))));
  return box;
}

/** A button that calls `step` again and again until it is pressed once more or `step` returns false. */
function player(figure, { label = "Run", step, interval, onStop = () => {} }) {
  let timer = null;
  const control = button(label, () => (timer === null ? start() : stop()), { "data-action": "run" });
  const show = () => {
    control.textContent = timer === null ? label : "Pause";
    control.setAttribute("aria-pressed", String(timer !== null));
  };
  const tick = () => {
    if (step() === false) stop();
    else timer = setTimeout(tick, typeof interval === "function" ? interval() : interval);
  };
  function start() {
    timer = setTimeout(tick, 0);
    show();
  }
  function stop() {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    show();
    onStop();
  }
  show();
  figure.onCleanup(() => clearTimeout(timer));
  return { control, stop, running: () => timer !== null };
}

/** Buttons for a trait that counts up to `last`: run, one for each of `ways` [text, count, action], reset. */
function counter(figure, { trait, last, label, interval, ways, onStop }) {
  const go = (count) => figure.set({ [trait]: Math.min(last, figure.model.get(trait) + count) });
  const run = player(figure, {
    label, interval, onStop,
    step: () => {
      go(1);
      return figure.model.get(trait) < last;
    },
  });
  const onward = ways.map(([text, count, action], i) => button(text, () => go(count), { class: i === 0 && "dla-primary", "data-action": action }));
  const reset = button("Reset", () => {
    run.stop();
    figure.set({ [trait]: 0 });
  }, { "data-action": "reset" });
  return { running: run.running, buttons: [run.control, ...onward, reset] };
}

/**
 * Arrow keys and dragging on an element: `move(dx, dy, big)` for keys, `point(u, v)` in [0, 1] for the pointer.
 * A finger that goes up or down scrolls the page and moves nothing; one that taps or goes sideways moves the point.
 */
function steerable(element, { label, move, point }) {
  fill(element, { tabindex: 0, role: "application", "aria-label": label, ...SHORTCUTS }, []);
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  element.addEventListener("keydown", (event) => {
    if (!arrows[event.key]) return;
    event.preventDefault();
    move(...arrows[event.key], event.shiftKey);
  });
  const locate = (event) => {
    const box = element.getBoundingClientRect();
    point((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  };
  element.style.touchAction = "pan-y pinch-zoom";
  element.style.cursor = "crosshair";
  let from = null;
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    from = event.pointerType === "touch" ? event : null;
    if (!from) locate(event);
  });
  element.addEventListener("pointermove", (event) => {
    if (!element.hasPointerCapture(event.pointerId)) return;
    if (from) {
      const [right, down] = [Math.abs(event.clientX - from.clientX), Math.abs(event.clientY - from.clientY)];
      if (right < 5 || right < down) return;
      from = null;
    }
    locate(event);
  });
  element.addEventListener("pointerup", (event) => {
    if (event.pointerType === "touch") locate(event);
  });
}
