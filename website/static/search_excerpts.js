// Search results quote the text of a page: write its formulas without TeX's delimiters, backslashes and braces.
if (typeof Search !== "undefined") {
  const htmlToText = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    page.querySelectorAll(".headerlink, .eqno").forEach((mark) => mark.remove());
    page.querySelectorAll("dt, th, td").forEach((cell) => cell.append(" "));
    for (const formula of page.querySelectorAll(".math")) {
      formula.textContent = formula.textContent
        .replace(/\\[()[\]]/g, "")
        .replace(/\\(?:begin|end)\{\w+\*?\}|\\[,;!:\s]|&/g, " ")
        .replace(/[\\{}]/g, "")
        .replace(/\s+/g, " ");
    }
    return htmlToText(page.documentElement.outerHTML, anchor);
  };
}
