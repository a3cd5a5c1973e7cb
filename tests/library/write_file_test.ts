// Files of the library where a program may write but not read.

import { assertEquals } from "@std/assert";
import { writeFile } from "../../src/library/write_file.ts";

const path = await Deno.makeTempFile();

Deno.test({
  name: "writeFile() writes in place without permission to read the folder",
  permissions: { read: false, write: [path] },
  fn: () => writeFile(path, Uint8Array.of(1, 2, 3)),
});

Deno.test("writeFile() wrote the bytes", async () => {
  assertEquals(await Deno.readFile(path), Uint8Array.of(1, 2, 3));
  await Deno.remove(path);
});
