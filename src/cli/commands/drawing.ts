// The modules that draw charts and pages, loaded when they are needed. Deno installs the
// packages of every import that it can read before the program begins; these paths
// are put together at run time, so that a command that draws nothing neither
// installs nor loads what is needed for it.

const MODULES = {
  report: "report.ts",
  runFigures: "figures/run_figures.ts",
  picture: "figures/picture.ts",
  trainingCurves: "figures/training_curves.ts",
} as const;

/** The exports of the modules. */
interface Drawing {
  readonly report: typeof import("../../report/report.ts");
  readonly runFigures: typeof import("../../report/figures/run_figures.ts");
  readonly picture: typeof import("../../report/figures/picture.ts");
  readonly trainingCurves:
    typeof import("../../report/figures/training_curves.ts");
}

/** Loads a module that draws. It needs the permission to read the program's files. */
export async function drawing<Name extends keyof Drawing>(
  name: Name,
): Promise<Drawing[Name]> {
  return await import(import.meta.resolve(`../../report/${MODULES[name]}`));
}
