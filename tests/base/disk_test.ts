import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { fileInfo, removeIfThere, writeError } from "../../src/base/disk.ts";
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
  const error = new Error("unrelated");
  assert(writeError(error, "/cache/x") === error);
});
