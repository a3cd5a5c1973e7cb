import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import type { Field } from "../../src/base/fields.ts";
import { EXPERIMENT } from "../../src/config/experiment_fields.ts";
import { applySettings } from "../../src/config/settings.ts";
import { recipe } from "../../src/recipes/mod.ts";

/** The places of whole numbers that may be of any size. */
function unbounded(field: Field, path: string): string[] {
  switch (field.kind) {
    case "number":
      return field.whole && (field.most ?? field.ceiling) === undefined
        ? [path]
        : [];
    case "list":
    case "record":
    case "nullable":
    case "optional":
      return unbounded(field.of, path);
    case "object":
      return inside(field.fields, path);
    case "union":
      return Object.values(field.variants)
        .flatMap(({ fields }) => inside(fields, path));
    default:
      return [];
  }
}

function inside(
  fields: Readonly<Record<string, Field>>,
  path: string,
): string[] {
  return Object.entries(fields)
    .flatMap(([name, field]) => unbounded(field, `${path}.${name}`));
}

Deno.test("whole numbers of an experiment have an end, so that none exhausts the memory", () => {
  assertEquals(unbounded(EXPERIMENT, "experiment"), []);
});

Deno.test("applySettings() refuses numbers that no machine has memory for", () => {
  const settings = [
    "data.train=1e12",
    "student.width=1e12",
    "attack.steps=1e12",
    "batchSize=1e12",
    "augmentation.padding=1e12",
  ];
  for (const setting of settings) {
    const change = () => applySettings(recipe("shapes/frpat"), [setting]);
    assertThrows(change, UserError, "1e12");
  }
});
