/**
 * The rule that imports point only downwards, as data and one function.
 *
 * A file may import from its own layer and from those below, never in a circle, and
 * types are no exception; some folders of one layer stay apart. What a file imports is passed in, so
 * that the rule can be tested on imports that no file of the project has.
 *
 * @module
 */

/** Folders and files by layer, lowest first; a longer path beats a shorter. */
export const LAYERS: readonly (readonly string[])[] = [
  ["src/base/"],
  ["src/gpu/", "src/mpi/", "src/wgsl/"],
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
  ["src/mpi/", "src/gpu/"],
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
  "src/data/file_digest.ts": /^node:crypto$/,
  "src/gpu/stopwatch.ts": /^node:process$/,
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
  return [
    ...imports.flatMap((one) => violation(one) ?? []),
    ...cycles(imports).map((files) =>
      `Imports form a cycle: ${files.join(" → ")}`
    ),
  ];
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

/**
 * Cycles of imports, the first file of each repeated at its end. Imports of types
 * count: files that name each other's types can only be read together. There is one
 * cycle for each import that leads back, so that none is left once there are none.
 */
function cycles(imports: readonly Import[]): string[][] {
  const targets = Map.groupBy(imports, ({ from }) => from);
  const found: string[][] = [];
  const done = new Set<string>();
  function walk(file: string, path: readonly string[]): void {
    const start = path.indexOf(file);
    if (start >= 0) found.push([...path.slice(start), file]);
    if (start >= 0 || done.has(file)) return;
    const own = new Set((targets.get(file) ?? []).map(({ to }) => to));
    for (const to of own) walk(to, [...path, file]);
    done.add(file);
  }
  for (const file of targets.keys()) walk(file, []);
  return found;
}
