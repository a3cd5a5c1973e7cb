// Recipes are what they were: `fixtures/recipes.json` has the SHA-256 of each one's JSON
// with sorted keys, without its notes, which decide nothing. The sums were taken before
// kinds described themselves, and no key was renamed since. Whoever changes a recipe on
// purpose changes its sum.

import { assertEquals } from "@std/assert";
import { sha256 } from "../../src/data/dataset.ts";
import { RECIPES } from "../../src/recipes/mod.ts";
import sums from "../fixtures/recipes.json" with { type: "json" };

/** JSON in which the order of keys does not show. */
function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_, one) =>
      typeof one === "object" && one !== null && !Array.isArray(one)
        ? Object.fromEntries(Object.entries(one).sort())
        : one,
  );
}

Deno.test("RECIPES resolve to what they did when their sums were taken", async () => {
  const found: Record<string, string> = {};
  for (const { notes: _, ...recipe } of RECIPES) {
    found[recipe.name] = await sha256(
      new TextEncoder().encode(canonical(recipe)),
    );
  }
  assertEquals(found, sums);
});
