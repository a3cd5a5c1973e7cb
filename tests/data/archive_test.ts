import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { unpack } from "../../src/data/archive.ts";
import { words } from "../../src/base/random_sequence.ts";
import { type Entry, gzip, tar, tarGz } from "../support/tar_writer.ts";
import { namesIn, withFolder } from "../support/temporary_folder.ts";

/** Bytes that do not compress. */
const NOISE = new Uint8Array(
  words({ seed: 0, stream: "archive", step: 0 }, 50_000).buffer,
);

async function write(
  folder: string,
  entries: readonly Entry[],
): Promise<string> {
  const path = join(folder, "x.tar.gz");
  await Deno.writeFile(path, await tarGz(entries));
  return path;
}

Deno.test("unpack() writes the files of the folder", () =>
  withFolder(async (into) => {
    const names = new TextEncoder().encode("one\n");
    const path = await write(into, [
      { name: "set/", type: "5" },
      { name: "set/data.bin", content: NOISE },
      { name: "set/names.txt", content: names },
    ]);
    const at = await unpack(path, { folder: "set", into });
    assertEquals(at, `${into}/set`);
    assertEquals(await namesIn(at), ["data.bin", "names.txt"]);
    assertEquals(await Deno.readFile(join(at, "data.bin")), NOISE);
    assertEquals(await Deno.readFile(join(at, "names.txt")), names);
    assertEquals(await namesIn(into), ["set", "x.tar.gz"]);
  }));

Deno.test("unpack() takes only plain files directly in the folder", () =>
  withFolder(async (into) => {
    const content = Uint8Array.of(1);
    const path = await write(into, [
      { name: "set/../../outside", content },
      { name: "/set/absolute", content },
      { name: "set/deeper/file", content },
      { name: "set/..", content },
      { name: "set/.hidden", content },
      { name: "other/set/file", content },
      { name: "set/link", type: "2" },
      { name: "set/good.bin", content },
      { name: "./set/fine.bin", content },
    ]);
    await unpack(path, { folder: "set", into });
    assertEquals(await namesIn(into), ["set", "x.tar.gz"]);
    assertEquals(await namesIn(join(into, "set")), ["fine.bin", "good.bin"]);
  }));

Deno.test("unpack() leaves nothing of a damaged archive", () =>
  withFolder(async (into) => {
    const path = await write(into, [{ name: "set/a.bin", content: NOISE }]);
    const whole = await Deno.readFile(path);
    const half = whole.slice(0, whole.length / 2);
    const garbled = whole.slice();
    garbled.fill(0x55, 20, 2000);
    const plain = await tar([{ name: "set/a.bin", content: NOISE }]);
    const cut = await Promise.all(
      [-1, -1024, -1025, -30_000, 600].map((end) => gzip(plain.slice(0, end))),
    );
    const large = await tarGz([
      { name: "set/a.bin", content: NOISE, size: 8 * 2 ** 30 - 1 },
    ]);
    const renamed = plain.slice();
    renamed[0] = "b".charCodeAt(0);
    const wrong = [
      ...[half, garbled, new Uint8Array(100), new Uint8Array(3), large],
      ...[whole.slice(0, -8), whole.slice(0, -1), await gzip(renamed)],
      ...cut.slice(1), // The first has one block of zeros left.
    ];
    for (const bytes of wrong) {
      await Deno.writeFile(path, bytes);
      await assertRejects(
        () => unpack(path, { folder: "set", into }),
        Error,
        `Cannot unpack ${path}: expected a sound .tar.gz archive but found`,
      );
      assertEquals(await namesIn(into), ["x.tar.gz"]);
    }
  }));

Deno.test("unpack() refuses an archive without the folder", () =>
  withFolder(async (into) => {
    const path = await write(into, [{ name: "other/a.bin", content: NOISE }]);
    await assertRejects(
      () => unpack(path, { folder: "set", into }),
      Error,
      `Cannot unpack ${path}: expected files in its folder set but found none`,
    );
    assertEquals(await namesIn(into), ["x.tar.gz"]);
  }));

Deno.test("unpack() clears what a killed process left", () =>
  withFolder(async (into) => {
    await Deno.mkdir(join(into, "set.unfinished"));
    await Deno.writeTextFile(join(into, "set.unfinished", "a.bin"), "part");
    const path = await write(into, [{ name: "set/a.bin", content: NOISE }]);
    await unpack(path, { folder: "set", into });
    assertEquals(await Deno.readFile(join(into, "set", "a.bin")), NOISE);
    assertEquals(await namesIn(into), ["set", "x.tar.gz"]);
  }));
