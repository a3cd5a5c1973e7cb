// The full networks have exactly the tensors of PyTorch's `state_dict()`, by name and
// shape, but batch norm's counts: what they export loads strictly there, and what
// was saved there loads strictly here. The counts are left out since PyTorch makes
// them itself where a file has none.

import { assertEquals } from "@std/assert";
import { buildNetwork } from "../../src/step/build.ts";
import { namedNetwork } from "../../src/config/named_networks.ts";
import { countParameters, namedVariables } from "../../src/nn/module.ts";

interface Listed {
  readonly parameters: Readonly<Record<string, number>>;
  readonly tensors: Readonly<Record<string, readonly number[]>>;
}

const NETWORKS: Readonly<Record<string, Listed>> = JSON.parse(
  Deno.readTextFileSync(
    new URL("../fixtures/state_dicts.json", import.meta.url),
  ),
);

/** (R, S, C, K) as (K, C, R, S), (in, out) as (out, in). */
function fileShape(shape: readonly number[]): readonly number[] {
  if (shape.length !== 4) return shape.toReversed();
  const [R, S, C, K] = shape as [number, number, number, number];
  return [K, C, R, S];
}

for (const [name, { parameters, tensors }] of Object.entries(NETWORKS)) {
  Deno.test(`${name} has the tensors of PyTorch's`, () => {
    const network = buildNetwork(namedNetwork(name), { classes: 10 });
    const own = [...namedVariables(network)].map(([path, { shape }]) => [
      path,
      fileShape(shape),
    ]);
    const listed = Object.entries(tensors).filter(([path]) =>
      !path.endsWith(".num_batches_tracked")
    );
    const byName = (entries: unknown[][]) => Object.fromEntries(entries);
    assertEquals(byName(own), byName(listed));
    assertEquals(countParameters(network), parameters["10"]);
  });
}
