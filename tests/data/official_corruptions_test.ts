// CIFAR-10-C as it is downloaded: an archive that is not compressed, known by its MD5.

import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { openCorruptions } from "../../src/data/corruptions.ts";
import { fileDigest } from "../../src/data/file_digest.ts";
import { CORRUPTION_ARCHIVES, obtain } from "../../src/data/official.ts";
import { tar } from "../support/tar_writer.ts";
import { namesIn, withFolder } from "../support/temporary_folder.ts";

const FOLDER = new URL("../fixtures/corruptions/", import.meta.url).pathname;

Deno.test("fileDigest() matches the published known answers", () =>
  withFolder(async (folder) => {
    const path = `${folder}/abc`;
    await Deno.writeTextFile(path, "abc");
    assertEquals(
      await fileDigest(path, "md5"),
      "900150983cd24fb0d6963f7d28e17f72",
    );
    assertEquals(
      await fileDigest(path, "sha256"),
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  }));

Deno.test("obtain() unpacks CIFAR-10-C where its MD5 is right", () =>
  withFolder(async (cache) => {
    const { cifar10 } = CORRUPTION_ARCHIVES;
    const entries = [];
    for (const name of await namesIn(FOLDER)) {
      const content = await Deno.readFile(`${FOLDER}${name}`);
      entries.push({ name: `CIFAR-10-C/${name}`, content });
    }
    const packed = await tar(entries);
    const path = `${cache}/${cifar10.file}`;
    await Deno.writeFile(path, packed);
    const refused = () => obtain(cifar10, { cache });
    const own = await fileDigest(path, "md5");
    const error = await assertRejects(refused, UserError);
    assertEquals(
      error.message,
      "Cannot use https://zenodo.org/records/2535967/files/CIFAR-10-C.tar: " +
        `expected MD5 ${cifar10.md5} but found ${own}; the file was removed`,
    );
    await Deno.writeFile(path, packed);
    const folder = await obtain({ ...cifar10, md5: own }, { cache });
    assertEquals(folder, `${cache}/CIFAR-10-C`);
    const { count } = await openCorruptions(cache, {
      title: "CIFAR-10",
      shape: { channels: 3, height: 4, width: 4 },
      classes: 4,
    });
    assertEquals(count, 4);
  }));
