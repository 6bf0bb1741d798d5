// Results in the order of how much a page speaks of what was asked; lists and notebooks come after the chapters' pages.
if (typeof Search !== "undefined") {
  const kinds = [[/^book\/\d/, 8], [/^book\/setup/, 4], [/^notebooks/, -4], [/^book\/glossary/, 0], [/^book\/index/, -4], [/./, -12]];
  const perform = Search._performSearch;
  Search._performSearch = (query, terms, ...others) => {
    const asked = [...terms];
    const said = [...asked, ...asked.slice(1).map((term, i) => `${asked[i]} ${term}`)];
    const homes = said.map((words) => (Object.hasOwn(homesOfWords, words) ? homesOfWords[words] : {}));
    const rarity = homes.map((counts) => 1 / Math.log2(3 + Object.values(counts).reduce((sum, count) => sum + count, 0)));
    const whole = rarity.reduce((sum, weight) => sum + weight, 0);
    const share = (page) => homes.reduce((sum, counts, i) =>
      sum + (rarity[i] / whole) * (counts[page] ?? 0) / Math.max(1, ...Object.values(counts)), 0);
    const results = perform(query, terms, ...others);
    for (const result of results) {
      const [page] = result;
      result[4] = Math.min(result[4], 20) + 25 * share(page) + kinds.find(([kind]) => kind.test(page))[1];
    }
    return results.sort((a, b) => a[4] - b[4] || b[1].localeCompare(a[1]));
  };
}
