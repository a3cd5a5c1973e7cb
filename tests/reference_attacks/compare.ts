// Sets the verdicts of `deno task evaluate … --attack autoattack` beside those of the
// authors' code: `deno run --allow-read compare.ts OURS.json ORIGINAL.json…`, where the
// originals may cover parts of the images.

interface Original {
  readonly first: number;
  readonly broken_by: readonly (string | null)[];
}

const [ourPath, ...originalPaths] = Deno.args;
if (!ourPath || originalPaths.length === 0) {
  throw new Error("Expected the files OURS.json ORIGINAL.json…");
}
const { state, subject } = JSON.parse(await Deno.readTextFile(ourPath));
const all: readonly (string | null)[] = state.verdicts;
const originals: Original[] = [];
for (const path of originalPaths) {
  originals.push(JSON.parse(await Deno.readTextFile(path)));
}
const pairs = originals.flatMap(({ first, broken_by }) =>
  broken_by.map((theirs, n) => ({ theirs, ours: all[first + n]! }))
);
const robust = (names: readonly string[], who: "ours" | "theirs") =>
  pairs.filter((pair) => !names.includes(String(pair[who]))).length;

const stages: readonly string[] = ["clean", ...subject.config.attacks];
const counts = stages.map((name, i) => {
  const names = stages.slice(0, i + 1);
  const [ours, theirs] = [robust(names, "ours"), robust(names, "theirs")];
  const points = (100 * (ours - theirs) / pairs.length).toFixed(2);
  return `${name}: ours ${ours}, original ${theirs} (${points} points)`;
});
const same =
  pairs.filter(({ ours, theirs }) =>
    (ours === null) === (theirs === null) &&
    (ours === "clean") === (theirs === "clean")
  ).length;
const { norm, epsilon } = subject.config;
const lines = [
  `${pairs.length} images, ${norm}, epsilon ${epsilon}`,
  ...counts,
  `The same verdict on ${same} of ${pairs.length} images, ` +
  `${(100 * same / pairs.length).toFixed(2)} %`,
];
await Deno.stdout.write(new TextEncoder().encode(`${lines.join("\n")}\n`));
