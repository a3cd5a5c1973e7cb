// What is told of readings is so: each setting reads otherwise, and the page has them all.

import { assert, assertEquals } from "@std/assert";
import { applySettings } from "../../src/config/settings.ts";
import { recipe, RECIPES } from "../../src/recipes/mod.ts";
import { notesOf, READINGS } from "../../src/recipes/readings.ts";
import { readingsPage } from "../../src/recipes/readings_page.ts";

for (const { open, otherwise, follows } of READINGS) {
  Deno.test(`a recipe can be read otherwise: ${open}`, () => {
    const followers = RECIPES.filter(follows);
    assert(followers.length > 0);
    for (const one of followers) {
      for (const setting of otherwise) {
        assert(!follows(applySettings(one, [setting])), setting);
      }
    }
  });
}

Deno.test("notesOf() tells a recipe's own notes first, and only what it follows", () => {
  const fat = notesOf(recipe("supplement7/fat"));
  assert(fat[0]!.startsWith("Trained as the authors do"), fat[0]);
  const row = recipe("table2/trades-lbgat-frpat");
  const about = (notes: readonly string[], word: string) =>
    notes.filter((note) => note.includes(word)).length;
  assertEquals(about(notesOf(row), "printed-ramp"), 1);
  const changed = applySettings(row, ["regularizers.0.nearest=shared"]);
  assertEquals(notesOf(changed).length, notesOf(row).length - 1);
  assertEquals(about(notesOf(changed), "nearest=shared"), 0);
  // Notes that came back from print do not stand twice.
  assertEquals(notesOf({ ...row, notes: notesOf(row) }), notesOf(row));
});

Deno.test("docs/readings.md is what recipes --readings prints", async () => {
  const page = new URL("../../docs/readings.md", import.meta.url);
  const words = (text: string) => text.trim().split(/\s+/);
  assertEquals(
    words(await Deno.readTextFile(page)),
    words(readingsPage(RECIPES)),
  );
});
