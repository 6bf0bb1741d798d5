// The look of every figure, adopted once by a page.

const STYLE = `
.dla {
  --dla-data: #1a66a8; --dla-prediction: #b25000; --dla-error: #bf2338;
  --dla-gradient: #7636b0; --dla-truth: #17713f; --dla-neutral: #5a6470;
  --dla-ink: #1d2329; --dla-soft: #5a6470; --dla-line: #d4d9de; --dla-faint: #eceff2;
  --dla-surface: #ffffff; --dla-panel: #f6f8fa;
  color-scheme: light; color: var(--dla-ink); background: var(--dla-surface);
  border: 1px solid var(--dla-line); border-radius: 10px; padding: 14px 16px 12px; margin: 0;
  box-sizing: border-box; width: 100%; min-width: 0; container-type: inline-size;
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums; text-align: left;
}
[data-jp-theme-light="false"] .dla, html[data-theme="dark"] .dla {
  --dla-data: #74b6f5; --dla-prediction: #ffa657; --dla-error: #ff8590;
  --dla-gradient: #cba2ff; --dla-truth: #62d297; --dla-neutral: #a5afba;
  --dla-ink: #e9edf1; --dla-soft: #a5afba; --dla-line: #3c444d; --dla-faint: #2a3037;
  --dla-surface: #171b20; --dla-panel: #1f252b; color-scheme: dark;
}
@media print {
  .dla, [data-jp-theme-light="false"] .dla, html[data-theme="dark"] .dla {
    --dla-data: #1a66a8; --dla-prediction: #b25000; --dla-error: #bf2338;
    --dla-gradient: #7636b0; --dla-truth: #17713f; --dla-neutral: #5a6470;
    --dla-ink: #1d2329; --dla-soft: #5a6470; --dla-line: #d4d9de; --dla-faint: #eceff2;
    --dla-surface: #ffffff; --dla-panel: #f6f8fa; color-scheme: light;
    break-inside: avoid; print-color-adjust: exact;
  }
}
.dla *, .dla *::before { box-sizing: border-box; }
.dla p { margin: 0; }
.dla svg, .dla canvas { display: block; max-width: 100%; }
.dla svg { overflow: visible; width: 100%; }
.dla svg text { fill: var(--dla-ink); font-size: 12px; font-family: inherit; }
.dla svg .dla-soft { fill: var(--dla-soft); }
.dla svg .dla-halo { paint-order: stroke; stroke: var(--dla-surface); stroke-width: 5px; stroke-linejoin: round; }
.dla .dla-title { font-weight: 650; font-size: 15px; margin: 0 0 2px; }
.dla .dla-body { display: flex; flex-direction: column; gap: 12px; margin-top: 10px; }
.dla .dla-settings { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 9px 14px; }
.dla .dla-row { display: flex; flex-wrap: wrap; gap: 10px 18px; align-items: end; }
.dla .dla-columns { display: flex; flex-wrap: wrap; gap: 14px 20px; align-items: flex-start; }
.dla .dla-columns > * { flex: 1 1 280px; min-width: 0; }
.dla .dla-panel { background: var(--dla-panel); border-radius: 8px; padding: 10px 12px; min-width: 0; }
.dla .dla-caption { font-size: 12px; color: var(--dla-soft); }
.dla .dla-heading { font-weight: 600; font-size: 13px; }
.dla .dla-data { color: var(--dla-data); } .dla svg .dla-data { fill: var(--dla-data); }
.dla .dla-prediction { color: var(--dla-prediction); } .dla svg .dla-prediction { fill: var(--dla-prediction); }
.dla .dla-error { color: var(--dla-error); } .dla svg .dla-error { fill: var(--dla-error); }
.dla .dla-gradient { color: var(--dla-gradient); } .dla svg .dla-gradient { fill: var(--dla-gradient); }
.dla .dla-truth { color: var(--dla-truth); } .dla svg .dla-truth { fill: var(--dla-truth); }
.dla .dla-neutral { color: var(--dla-soft); } .dla svg .dla-neutral { fill: var(--dla-soft); }
.dla .dla-words { font-size: 13px; color: var(--dla-soft); border-top: 1px solid var(--dla-line); margin-top: 12px; padding-top: 8px; }
.dla .dla-buttons { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
@media print { .dla .dla-buttons { display: none; } }
.dla button {
  font: inherit; font-weight: 500; color: var(--dla-ink); background: var(--dla-panel);
  border: 1px solid var(--dla-line); border-radius: 7px; padding: 6px 13px; min-height: 34px;
  cursor: pointer; margin: 0;
}
.dla button:hover:not(:disabled) { border-color: var(--dla-neutral); }
.dla button:disabled { opacity: .45; cursor: default; }
.dla button.dla-primary { background: var(--dla-data); border-color: var(--dla-data); color: var(--dla-surface); }
.dla button[aria-pressed="true"] { border-color: var(--dla-ink); box-shadow: inset 0 0 0 1px var(--dla-ink); }
.dla :is(a, button, input, select, summary, [tabindex]):focus-visible {
  outline: 3px solid var(--dla-data); outline-offset: 2px; border-radius: 6px;
}
.dla .dla-field { display: flex; flex-direction: column; gap: 3px; font-size: 13px; min-width: 0; margin: 0; }
.dla .dla-field > span { color: var(--dla-soft); display: flex; justify-content: space-between; gap: 10px; }
.dla .dla-field > span > b { color: var(--dla-ink); font-weight: 600; white-space: nowrap; }
.dla .dla-slider { flex: 1 1 150px; max-width: 300px; }
.dla input[type="range"] { width: 100%; margin: 0; height: 26px; accent-color: var(--dla-data); cursor: pointer; }
.dla input[type="checkbox"] { width: 17px; height: 17px; accent-color: var(--dla-data); margin: 0; flex: none; }
.dla :is(select, input[type="number"]) {
  font: inherit; font-variant-numeric: tabular-nums; color: var(--dla-ink); background: var(--dla-surface);
  border: 1px solid var(--dla-neutral); border-radius: 6px; padding: 4px 7px; min-height: 34px; margin: 0; max-width: 100%;
}
.dla input[type="number"] { width: 86px; appearance: textfield; -moz-appearance: textfield; }
.dla .dla-settings :is(select, input[type="number"]) { width: 100%; }
.dla input[type="number"]::-webkit-inner-spin-button { opacity: .5; }
.dla .dla-check { display: flex; flex-direction: row; gap: 8px; align-items: center; font-size: 13px; min-height: 34px; margin: 0; cursor: pointer; }
.dla .dla-legend { display: flex; flex-wrap: wrap; gap: 3px 16px; font-size: 12.5px; color: var(--dla-ink); margin: 0; padding: 0; list-style: none; }
.dla .dla-legend > li { display: flex; align-items: center; gap: 6px; margin: 0; padding: 0; }
.dla .dla-legend svg { width: 26px; height: 12px; flex: none; }
.dla .dla-formula { font-family: "STIX Two Text", "Latin Modern Roman", "Cambria", "Liberation Serif", "Times New Roman", serif; font-size: 17px; line-height: 1.75; overflow-wrap: anywhere; }
.dla .dla-formula i { font-style: italic; padding-right: .04em; }
.dla sub, .dla sup { font-size: .72em; line-height: 0; }
.dla .dla-scripts { display: inline-flex; flex-direction: column; vertical-align: middle; font-size: .66em; line-height: 1.1; }
.dla .dla-fraction { display: inline-flex; flex-direction: column; text-align: center; vertical-align: middle; line-height: 1.25; margin: 0 .15em; font-size: .9em; }
.dla .dla-fraction > :first-child { border-bottom: 1.2px solid currentColor; padding: 0 .2em; }
.dla .dla-facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 8px; margin: 0; }
.dla .dla-facts > div { background: var(--dla-panel); border-radius: 8px; padding: 7px 11px; border-left: 3px solid var(--dla-line); }
.dla .dla-facts > div > span { display: block; }
.dla .dla-facts > div > :first-child { font-size: 12px; color: var(--dla-soft); line-height: 1.3; }
.dla .dla-facts > div > :last-child { font-size: 18px; font-weight: 600; }
.dla .dla-table-box { overflow-x: auto; max-width: 100%; }
.dla table { border-collapse: collapse; font-size: 13px; margin: 0; width: auto; background: none; border: none; }
.dla :is(th, td) { padding: 3px 9px; text-align: right; border: none; border-bottom: 1px solid var(--dla-line); color: var(--dla-ink); background: none; white-space: nowrap; }
.dla th { font-weight: 600; color: var(--dla-soft); }
.dla summary { cursor: pointer; font-size: 13px; font-weight: 600; padding: 3px 0; }
.dla details { margin: 0; padding: 0; border: none; background: none; box-shadow: none; }
.dla .dla-matrix { display: inline-grid; gap: 2px; }
.dla .dla-matrix input[type="number"] { width: 46px; padding: 4px 2px; text-align: center; min-height: 36px; }
.dla .dla-matrix input[type="number"]::-webkit-inner-spin-button { display: none; }
@media (prefers-reduced-motion: no-preference) {
  .dla .dla-flow { stroke-dasharray: 7 6; animation: dla-flow 1s linear infinite; }
  .dla .dla-flow-back { stroke-dasharray: 7 6; animation: dla-flow-back 1s linear infinite; }
}
@keyframes dla-flow { to { stroke-dashoffset: -26; } }
@keyframes dla-flow-back { to { stroke-dashoffset: 26; } }
.dla [hidden] { display: none; }
@container (max-width: 430px) {
  .dla .dla-formula { font-size: 15.5px; }
  .dla .dla-facts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .dla .dla-slider { flex-basis: 100%; max-width: none; }
}
`;

function adoptStyle(text) {
  if (document.adoptedStyleSheets.some((sheet) => sheet.dlaText === text)) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  sheet.dlaText = text;
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
