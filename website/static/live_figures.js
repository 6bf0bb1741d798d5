// Runs every interactive figure of the page without a kernel: imports its module, gives it a model with anywidget's interface.
(() => {
  const folder = new URL("figures/", document.currentScript.src);

  function createModel(values, listeners = new Map()) {
    const emit = (event) => [...(listeners.get(event) ?? [])].forEach((listener) => listener());
    return {
      get: (key) => values[key],
      set(key, value) {
        if (Object.is(values[key], value)) return;
        values[key] = value;
        emit(`change:${key}`);
        emit("change");
      },
      save_changes() {},
      on(event, listener) {
        if (!listeners.has(event)) listeners.set(event, new Set());
        listeners.get(event).add(listener);
      },
      off: (event, listener) => listeners.get(event)?.delete(listener),
    };
  }

  async function load(name) {
    if (location.protocol !== "file:") return import(new URL(`${name}.mjs`, folder));
    // A page opened from a disk may run scripts but not import modules: a script brings the module's text.
    await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      Object.assign(script, { src: new URL(`${name}.js`, folder), onload: resolve, onerror: reject });
      document.head.append(script);
    });
    return import(URL.createObjectURL(new Blob([figureSources[name]], { type: "text/javascript" })));
  }

  async function start(el) {
    const { defaults, default: figure } = await load(el.dataset.figure);
    const values = { ...structuredClone(defaults), ...JSON.parse(el.dataset.state) };
    el.replaceChildren();
    await figure.render({ model: createModel(values), el });
    el.dataset.ready = "";
  }

  for (const el of document.querySelectorAll("[data-figure]")) {
    start(el).catch((error) => {
      console.error(error);
      el.textContent = "The interactive figure could not start; what it shows is described below.";
    });
  }
})();
