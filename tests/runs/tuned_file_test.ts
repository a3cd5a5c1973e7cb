// Measured algorithms on disk: what is kept is found again on the same device alone, and a
// file that cannot be used is passed over with a note.

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { AdapterDescription } from "../../src/gpu/device.ts";
import { keepAlgorithms, knownAlgorithms } from "../../src/runs/tuned_file.ts";

const ADAPTER: AdapterDescription = {
  description: "Toy GPU 9000",
  vendor: "toys",
  architecture: "toy",
  adapterClass: "gpu",
  subgroupSize: 32,
  shaderInt64: false,
  features: [],
};

const TUNED = { "forward 3x3 8->8 at 4x4": "direct" };

async function inFolder(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const parent = await Deno.makeTempDir();
  try {
    await test(`${parent}/tuned`);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

Deno.test("keepAlgorithms() keeps what knownAlgorithms() finds on the same device alone", () =>
  inFolder(async (folder) => {
    const before = await knownAlgorithms(ADAPTER, folder);
    assertEquals([before.tuned, before.notes], [{}, []]);
    await keepAlgorithms({ ...before, tuned: TUNED });
    const found = await knownAlgorithms(ADAPTER, folder);
    assertEquals([found.tuned, found.notes], [TUNED, []]);
    assertEquals(found.path, before.path);
    const other = await knownAlgorithms(
      { ...ADAPTER, description: "Toy GPU 1" },
      folder,
    );
    assertEquals([other.tuned, other.notes], [{}, []]);
    const updated = { ...ADAPTER, architecture: "toy of next year" };
    const older = await knownAlgorithms(updated, folder);
    assertEquals(older.tuned, {});
    assertNotEquals(older.path, found.path);
    assert(/another version .* measures them again/.test(older.notes.join()));
  }));

Deno.test("knownAlgorithms() passes over a file that it cannot use, and says why", () =>
  inFolder(async (folder) => {
    const { path, ...known } = await knownAlgorithms(ADAPTER, folder);
    await keepAlgorithms({ ...known, path, tuned: TUNED });
    const good = JSON.parse(await Deno.readTextFile(path));
    const device = { ...good.device, deno: "1.0.0" };
    const damaged: [string, RegExp][] = [
      ["", /expected JSON/],
      ["{", /expected JSON/],
      ["[]", /expected a JSON object/],
      [JSON.stringify({ ...good, format: "frpat-tuned-9" }), /a newer version/],
      [JSON.stringify({ ...good, device }), /expected deno .* but found 1.0.0/],
      [JSON.stringify({ ...good, device: null }), /expected a JSON object/],
      [JSON.stringify({ ...good, tuned: 7 }), /expected a JSON object/],
      [
        JSON.stringify({ ...good, tuned: { a: 7 } }),
        /the name of an algorithm/,
      ],
    ];
    for (const [text, reason] of damaged) {
      await Deno.writeTextFile(path, text);
      const found = await knownAlgorithms(ADAPTER, folder);
      assertEquals(found.tuned, {}, text);
      assert(reason.test(found.notes.join()), found.notes.join());
      assert(/passed over/.test(found.notes.join()));
    }
    await keepAlgorithms({ ...known, path, tuned: TUNED });
    assertEquals((await knownAlgorithms(ADAPTER, folder)).tuned, TUNED);
  }));
