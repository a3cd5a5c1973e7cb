import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import {
  fileInfo,
  openInPlace,
  readBytes,
  readText,
  refuseLinks,
  removeIfThere,
  writeError,
} from "../../src/base/disk.ts";
import { UserError } from "../../src/base/errors.ts";
import { namesIn, withFolder } from "../support/temporary_folder.ts";

Deno.test("fileInfo() is undefined where nothing is", () =>
  withFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "four");
    assertEquals((await fileInfo(file))?.size, 4);
    assertEquals((await fileInfo(folder))?.isDirectory, true);
    assertEquals(await fileInfo(join(folder, "none")), undefined);
    assertEquals(await fileInfo(join(file, "below")), undefined);
  }));

Deno.test("removeIfThere() removes files and folders, or nothing", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    await Deno.mkdir(join(folder, "a", "b"), { recursive: true });
    await removeIfThere(join(folder, "none"));
    assertEquals(await namesIn(folder), ["a", "file"]);
    await removeIfThere(join(folder, "a"));
    await removeIfThere(join(folder, "file"));
    assertEquals(await namesIn(folder), []);
  }));

Deno.test("writeError() puts a full disk and a refusal in words", () => {
  const coded = (code: string): Error =>
    Object.assign(new Error(`as the system says ${code}`), { code });
  const explain = (error: Error): string => {
    const explained = writeError(error, "/cache/x");
    assert(explained instanceof Error && explained.cause === error);
    assertStringIncludes(explained.message, "Cannot write /cache/x: expected ");
    return explained.message;
  };
  for (const code of ["ENOSPC", "EDQUOT"]) {
    assertStringIncludes(
      explain(coded(code)),
      "free disk space but found none",
    );
  }
  for (const code of ["EACCES", "EEXIST", "ENOTDIR", "EPERM", "EROFS"]) {
    assertStringIncludes(
      explain(coded(code)),
      `a writable folder but found "as the system says ${code}"`,
    );
  }
});

Deno.test("writeError() leaves other errors alone", () => {
  for (const error of [new TypeError("unrelated"), new UserError("known")]) {
    assert(writeError(error, "/cache/x") === error);
  }
});

Deno.test("readText() and readBytes() say what cannot be read", () =>
  withFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "four");
    assertEquals(await readText(file), "four");
    assertEquals((await readBytes(file)).length, 4);
    for (const read of [readText, readBytes]) {
      await assertRejects(
        () => read(join(folder, "none")),
        UserError,
        `Cannot read ${folder}/none: expected a readable file but found nothing`,
      );
      await assertRejects(() => read(folder), UserError, "Cannot read");
    }
  }));

Deno.test("refuseLinks() names a symbolic link in a folder", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(join(folder, "run"));
    await Deno.symlink(join(folder, "run"), join(folder, "way"));
    await refuseLinks(join(folder, "none"));
    await refuseLinks(join(folder, "way"));
    await assertRejects(
      () => refuseLinks(folder),
      UserError,
      `Cannot use ${folder}/way: expected a file or folder of its own but ` +
        "found a symbolic link",
    );
  }));

Deno.test("openInPlace() leaves alone what a symbolic link leads to", () =>
  withFolder(async (folder) => {
    const [link, target] = [join(folder, "link"), join(folder, "target")];
    await Deno.symlink(target, link);
    const options = { write: true, create: true, truncate: true };
    await assertRejects(() => openInPlace(link, options), UserError, "link");
    assertEquals(await fileInfo(target), undefined);
    (await openInPlace(target, options)).close();
    assertEquals((await fileInfo(target))?.size, 0);
  }));
