// The beginnings of what reaches beyond the right edge of a page that is printed.
() => [...document.querySelectorAll("article :is(mjx-math, pre, table, img, svg, .dla)")]
  .filter((node) => node.checkVisibility())
  .filter((node) => node.getBoundingClientRect().right > innerWidth + 1 ||
    (node.matches("pre") && node.scrollWidth > node.clientWidth + 1))
  .map((node) => `${node.tagName} ${node.textContent.trim().slice(0, 80)}`)
