// The style of pages: dark on light, or light on dark if the reader prefers that. On a
// telephone only tables and pictures that are wider than its screen scroll sideways, and
// the names of a table's row stand above its numbers, where a name that is a number says
// which one it is.

/** The style sheet of every page. */
export const STYLE = `
:root { color-scheme: light dark; --page: #fff; --text: #111; --line: #c8c8c8;
  --quiet: #595959; }
body { background: var(--page); color: var(--text); margin: 0 auto;
  font: 16px/1.5 system-ui, "DejaVu Sans", Verdana, sans-serif;
  max-width: 76rem; padding: 1rem 1.5rem 4rem; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; margin-bottom: 0; }
h2 { font-size: 1.2rem; border-bottom: 1px solid var(--line); margin-top: 2.5rem; }
header p { margin: .25rem 0; }
.status, caption, figcaption, .notes { color: var(--quiet); font-size: .9rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { text-align: right; padding: .2rem .75rem; border-bottom: 1px solid var(--line); }
thead th, tbody th, .settings td { text-align: left; font-weight: normal; }
thead th { font-weight: 600; vertical-align: bottom; }
thead th.number { text-align: right; }
.settings th, .settings td { vertical-align: top; }
.settings td { overflow-wrap: anywhere; }
.pictures { display: grid; gap: 1.5rem;
  grid-template-columns: repeat(auto-fill, minmax(min(25rem, 100%), 1fr)); }
figure { margin: 0; max-width: 100%; }
figure img { max-width: 100%; height: auto; }
figure:has(.wide) { grid-column: 1 / -1; }
figcaption { max-width: 34rem; }
summary { cursor: pointer; margin: 1rem 0 .5rem; }
.warning strong { color: #b3261e; }
@media (max-width: 40rem) {
  body { padding: .5rem .75rem 3rem; }
  caption { max-width: calc(100vw - 1.5rem); }
  .wide img { max-width: 44rem; }
  .notes { padding-left: 1.2rem; }
  .results, .results caption, .results thead, .results tbody, .results tr {
    display: block; }
  .results tr { white-space: nowrap; border-bottom: 1px solid var(--line);
    padding: .2rem 0; }
  .results th, .results td { border: 0; padding: 0; white-space: normal; }
  .results thead th:not(.number) { display: none; }
  .results th.number, .results td { box-sizing: border-box; display: inline-block;
    padding-right: .4rem; vertical-align: bottom; width: 5.4rem; }
  .results tbody th { color: var(--quiet); display: inline; }
  .results tbody td:has(~ th) { display: none; }
  .results tbody th ~ th::before { content: ", "; }
  .results tbody th ~ th[data-column]::before {
    content: ", " attr(data-column) " "; }
  .results tbody th:last-of-type::after { content: "\\A"; white-space: pre; }
  .settings, .settings tbody, .settings tr, .settings th, .settings td,
  .settings caption { display: block; }
  .settings tr { border-bottom: 1px solid var(--line); padding: .2rem 0; }
  .settings th, .settings td { border: 0; padding: 0; }
  .settings th { color: var(--quiet); font-size: .9rem; }
}
@media (prefers-color-scheme: dark) {
  :root { --page: #1b1b1b; --text: #e8e8e8; --line: #555; --quiet: #b5b5b5; }
  .warning strong { color: #f2b8b5; }
}
`;
