// Makes the questions of a page live: choose, type, order or match, and be told why. Progress stays in this browser.
(() => {
  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const store = {
    read(key) {
      try { return localStorage.getItem(key); } catch { return null; }
    },
    write(key, value) {
      try { localStorage.setItem(key, value); } catch { /* a browser may refuse: then nothing is kept */ }
    },
  };

  /** Each kind gives its controls and a judge: the judge returns [right?, the element that says why], or null if nothing was chosen. */
  const kinds = {
    "quiz-choices"(question, id) {
      const items = [...question.querySelectorAll(".quiz-options > li")];
      items.forEach((item, index) => {
        const input = make("input", { type: "radio", name: id, value: index, id: `${id}-${index}` });
        const letter = make("span", { className: "quiz-letter", textContent: `${"abcdefgh"[index]}.` });
        const label = make("label", { htmlFor: input.id }, letter, item.querySelector(".quiz-text"));
        item.prepend(make("div", { className: "quiz-row" }, input, label));
      });
      return () => {
        const chosen = items.find((item) => item.querySelector("input").checked);
        return chosen && [chosen.classList.contains("quiz-right"), chosen.querySelector(".quiz-because")];
      };
    },
    "quiz-number"(question, id) {
      const options = question.querySelector(".quiz-options");
      const answers = [...options.children].map((item) => ({
        value: Number(item.querySelector(".quiz-value").textContent),
        right: item.classList.contains("quiz-right"), because: item.querySelector(".quiz-because"),
      }));
      options.hidden = true;
      const input = make("input", { type: "text", inputMode: "decimal", id, size: 12 });
      options.before(make("p", { className: "quiz-row" }, make("label", { htmlFor: id, textContent: "Your number" }), input));
      return () => {
        const text = input.value.trim().replace(",", ".").replace("−", "-");
        if (!text) return null;
        const [top, bottom = "1"] = text.split("/");
        const given = Number(top) / Number(bottom);
        const near = ({ value }) => Math.abs(given - value) <= Math.max(0.006 * Math.abs(value), 1e-9);
        const found = answers.find(near);
        return found ? [found.right, found.because] : [false, null];
      };
    },
    "quiz-order"(question) {
      const list = question.querySelector(".quiz-options");
      const places = () => [...list.children].map((item) => Number(item.querySelector(".quiz-value").textContent));
      for (const item of list.children) {
        item.querySelector(".quiz-value").hidden = true;
        const name = item.querySelector(".quiz-text").textContent.trim();
        const move = (text, label, act) => make("button", {
          type: "button", textContent: text, ariaLabel: `${label}: ${name}`,
          onclick(event) { act(); event.currentTarget.focus(); },
        });
        item.prepend(make("span", { className: "quiz-moves" },
          move("↑", "Move up", () => item.previousElementSibling?.before(item)),
          move("↓", "Move down", () => item.nextElementSibling?.after(item))));
      }
      return () => [places().every((place, index) => place === index + 1), question.querySelector(".quiz-parts > .quiz-because")];
    },
    "quiz-pairs"(question, id) {
      const items = [...question.querySelectorAll(".quiz-options > li")];
      const partners = items.map((item) => item.querySelector(".quiz-partner"));
      const name = (index) => partners[index].textContent.trim();
      const order = partners.map((_, index) => index).sort((a, b) => name(a).localeCompare(name(b)));
      if (order.every((partner, place) => partner === place)) order.push(order.shift());
      const key = make("ol", { className: "quiz-partners", type: "A" }, ...order.map((index) => make("li", {}, partners[index])));
      items.forEach((item, index) => {
        const select = make("select", { id: `${id}-${index}`, ariaLabel: item.querySelector(".quiz-text").textContent.trim() },
          make("option", { value: "", textContent: "…" }),
          ...order.map((partner, place) => make("option", { value: partner, textContent: String.fromCharCode(65 + place) })));
        item.append(make("div", { className: "quiz-row" }, select));
      });
      question.querySelector(".quiz-options").after(key);
      return () => {
        const chosen = items.map((item) => item.querySelector("select").value);
        if (chosen.includes("")) return null;
        return [chosen.every((value, index) => Number(value) === index), question.querySelector(".quiz-parts > .quiz-because")];
      };
    },
  };

  document.querySelectorAll(".quiz").forEach((block, blockIndex) => {
    const questions = [...block.querySelectorAll(".quiz-question")];
    const progress = make("p", { className: "quiz-progress", ariaLive: "polite" });
    const keys = questions.map((question) => `quiz ${location.pathname} ${question.querySelector(".quiz-ask").textContent.trim().slice(0, 80)}`);
    const count = () => {
      const done = keys.filter((key) => store.read(key) === "right").length;
      progress.textContent = done ? `${done} of ${keys.length} answered in this browser.` : "";
    };
    questions.forEach((question, index) => {
      const kind = Object.keys(kinds).find((name) => question.classList.contains(name));
      const judge = kinds[kind](question, `quiz-${blockIndex}-${index}`);
      const verdict = make("div", { className: "quiz-verdict", ariaLive: "polite" });
      const check = make("button", {
        type: "button", className: "quiz-check", textContent: "Check",
        onclick() {
          const judged = judge();
          question.classList.remove("is-right", "is-wrong");
          if (!judged) {
            verdict.replaceChildren(make("p", { textContent: "Answer first." }));
            return;
          }
          const [right, because] = judged;
          question.classList.add(right ? "is-right" : "is-wrong");
          const reason = because && (right || kind === "quiz-choices" || kind === "quiz-number");
          verdict.replaceChildren(
            make("p", { className: "quiz-word", textContent: right ? "✓ Right." : "✗ Not yet." }),
            ...(reason ? [...because.children].map((child) => child.cloneNode(true)) : []));
          if (right) store.write(keys[index], "right");
          question.classList.toggle("is-answered", store.read(keys[index]) === "right");
          count();
        },
      });
      question.classList.toggle("is-answered", store.read(keys[index]) === "right");
      const source = question.querySelector(".quiz-source");
      const row = make("div", { className: "quiz-actions" }, check, ...(source ? [source] : []));
      question.append(row, verdict);
    });
    block.append(progress);
    block.classList.add("is-live");
    count();
  });
  if (document.querySelector(".quiz")) document.documentElement.classList.add("quiz-live");
})();
