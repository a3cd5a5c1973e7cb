/**
 * The rule that imports point only downwards, as data and one function.
 *
 * A file may import from its own layer and from those below, never in a circle;
 * some folders of one layer stay apart. What a file imports is passed in, so
 * that the rule can be tested on imports that no file of the project has.
 *
 * @module
 */

/** Folders and files by layer, lowest first; a longer path beats a shorter. */
export const LAYERS: readonly (readonly string[])[] = [
  ["src/base/"],
  ["src/gpu/", "src/wgsl/"],
  ["src/graph/"],
  ["src/ops/"],
  ["src/nn/", "src/data/"],
  ["src/methods/", "src/weights/"],
  ["src/config/"],
  ["src/recipes/"],
  ["src/step/"],
  ["src/runs/"],
  ["src/evaluation/"],
  ["src/trainer/"],
  ["src/library/", "src/report/"],
  ["src/cli/"],
  ["cli.ts", "mod.ts"],
];

/** Folders of one layer that do not know each other. */
export const APART: readonly (readonly [string, string])[] = [
  ["src/nn/", "src/data/"],
  ["src/methods/", "src/weights/"],
];

/** Folders that may use only the types of another. */
export const TYPES_ONLY: readonly { from: string; to: string }[] = [
  { from: "src/graph/", to: "src/gpu/" },
];

/** The files that use packages, and which. */
export const PACKAGES: Readonly<Record<string, RegExp>> = {
  "cli.ts": /^@std\/(cli|path)(\/|$)/,
  "src/data/decode_jpeg.ts": /^(npm:)?@jsquash\/jpeg(@|$)/,
  "src/data/decode_png.ts": /^node:zlib$/,
  "src/data/png_chunks.ts": /^node:zlib$/,
  "src/base/suggest.ts": /^(npm:)?leven(@|$)/,
  "src/report/figures/chart.ts": /^(npm:)?vega(-lite)?(@|$)/,
  "src/report/figures/image_strip.ts": /^(npm:)?@jsquash\/png(@|$)/,
  "src/report/figures/png.ts":
    /^(node:module$|(npm:)?(@resvg\/resvg-wasm|dejavu-fonts-ttf)(@|$))/,
};

/** One import, re-export, `import()` or `import("…").Type` of a file. */
export interface Import {
  /** The importing file, relative to the project: `src/nn/layers.ts`. */
  readonly from: string;
  /** The imported file likewise, or a package's specifier. */
  readonly to: string;
  /** Whether only types are imported, so that nothing of it remains. */
  readonly typeOnly: boolean;
}

/** What is wrong with these imports, one sentence each. */
export function layerViolations(imports: readonly Import[]): string[] {
  const found = imports.flatMap((one) => violation(one) ?? []);
  // Types that name each other leave no trace at run time.
  const cycle = findCycle(imports.filter(({ typeOnly }) => !typeOnly));
  if (cycle) found.push(`Imports form a cycle: ${cycle.join(" → ")}`);
  return found;
}

function violation({ from, to, typeOnly }: Import): string | undefined {
  if (PACKAGES[from]?.test(to)) return undefined;
  if (isPackage(to)) {
    return `${from} imports ${to}: this file may not use this package`;
  }
  const [source, target] = [place(from), place(to)];
  if (!target) return `${from} imports ${to}: it is in no layer`;
  if (!source) return `${from} is in no layer`;
  const arrow = `${source.folder} (${source.layer}) → ` +
    `${target.folder} (${target.layer})`;
  if (target.layer > source.layer) {
    return `${from} imports ${to}: imports point down, not up: ${arrow}`;
  }
  const apart = APART.some((pair) =>
    source.folder !== target.folder &&
    pair.includes(source.folder) && pair.includes(target.folder)
  );
  if (apart) return `${from} imports ${to}: these stay apart: ${arrow}`;
  const limited = TYPES_ONLY.some((rule) =>
    rule.from === source.folder && rule.to === target.folder
  );
  return limited && !typeOnly
    ? `${from} imports ${to}: only its types may be imported: ${arrow}`
    : undefined;
}

interface Place {
  readonly layer: number;
  readonly folder: string;
}

function place(file: string): Place | undefined {
  let best: Place | undefined;
  for (const [layer, folders] of LAYERS.entries()) {
    for (const folder of folders) {
      const fits = folder.endsWith("/")
        ? file.startsWith(folder)
        : file === folder;
      if (fits && folder.length > (best?.folder.length ?? 0)) {
        best = { layer, folder };
      }
    }
  }
  return best;
}

function isPackage(specifier: string): boolean {
  return /^(@|[a-z]+:)/.test(specifier) && !specifier.startsWith("file:");
}

/** The first cycle found, its first file repeated at the end. */
function findCycle(imports: readonly Import[]): string[] | undefined {
  const targets = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  function walk(file: string, path: readonly string[]): string[] | undefined {
    const start = path.indexOf(file);
    if (start >= 0) return [...path.slice(start), file];
    if (done.has(file)) return undefined;
    for (const { to } of targets.get(file) ?? []) {
      const cycle = walk(to, [...path, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  }
  for (const file of targets.keys()) {
    const cycle = walk(file, []);
    if (cycle) return cycle;
  }
  return undefined;
}
