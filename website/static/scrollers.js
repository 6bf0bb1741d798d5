// What is wider than its place is scrolled with the arrow keys too: it is a tab stop as long as it is wider.
{
  const parts = ".bd-article :is(span.math, div.math mjx-container, .diagram, .pst-scrollable-table-container, pre)";
  const check = (node) => {
    if (!node) return;
    if (node.scrollWidth > node.clientWidth && node.clientWidth) {
      node.tabIndex = 0;
    } else {
      node.removeAttribute("tabindex");
    }
  };
  const observer = new ResizeObserver((entries) => entries.forEach(({ target }) => check(target.closest(parts))));
  const start = () => {
    for (const node of document.querySelectorAll(parts)) {
      observer.observe(node);
      const content = node.querySelector("mjx-math, img, table");
      if (content) observer.observe(content);
    }
  };
  addEventListener("load", () => (window.MathJax?.startup?.promise ?? Promise.resolve()).then(start));
}
