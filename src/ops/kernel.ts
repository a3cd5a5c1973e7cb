// Kernels by the name of their WGSL file: its text, preceded by the text of the files that
// its line `// uses: a, b` names.

import type { Kernel } from "../gpu/program.ts";
import { type ShaderName, WGSL } from "../wgsl/mod.gen.ts";

/** The constants and declarations in front of a kernel's text. */
export interface Specialization {
  readonly constants?: Kernel["constants"];
  readonly declarations?: string;
}

const sources = new Map<ShaderName, string>();

/** The kernel in `src/wgsl/<name>.wgsl`. */
export function kernel(
  name: ShaderName,
  { constants = {}, declarations }: Specialization = {},
): Kernel {
  let source = sources.get(name);
  if (source === undefined) {
    source = withUses(name, new Set()).join("\n");
    sources.set(name, source);
  }
  return {
    name,
    source,
    constants,
    ...(declarations === undefined ? {} : { declarations }),
  };
}

/** The texts that `name` needs, each once, in an order that a reader can follow. */
function withUses(name: ShaderName, seen: Set<ShaderName>): string[] {
  if (seen.has(name)) return [];
  seen.add(name);
  const text = WGSL[name];
  const uses = /^\/\/ uses: (.+)$/m.exec(text)?.[1]?.split(", ") ?? [];
  return [...uses.flatMap((use) => withUses(use as ShaderName, seen)), text];
}
