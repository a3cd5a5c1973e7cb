// Between processes, locks are tested where they are used: tests/runs/run_folder_test.ts.

import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { UserError } from "../../src/base/errors.ts";
import { lockFile } from "../../src/base/lock.ts";
import { withFolder } from "../support/temporary_folder.ts";

const fail = (): never => {
  throw new UserError("Cannot go on: taken");
};

Deno.test("lockFile() makes the file, and leaves its process's id in it", () =>
  withFolder(async (folder) => {
    const path = join(folder, "lock");
    for (let i = 0; i < 2; i++) {
      using _lock = await lockFile(path, { onTaken: fail });
      assertEquals(await Deno.readTextFile(path), `${Deno.pid}\n`);
    }
  }));

Deno.test("lockFile() waits for a lock that is taken, or does what it is told", () =>
  withFolder(async (folder) => {
    const path = join(folder, "lock");
    const first = await lockFile(path, { onTaken: fail });
    await assertRejects(() => lockFile(path, { onTaken: fail }), UserError);
    const said = Promise.withResolvers<string>();
    const second = lockFile(path, { onTaken: said.resolve });
    assertEquals(await said.promise, `process ${Deno.pid}`);
    first.close();
    (await second).close();
  }));

Deno.test("lockFile() never follows a symbolic link", () =>
  withFolder(async (folder) => {
    const [link, target] = [join(folder, "lock"), join(folder, "precious")];
    await Deno.writeTextFile(target, "contents");
    await Deno.symlink(target, link);
    await assertRejects(() => lockFile(link, { onTaken: fail }), UserError);
    assertEquals(await Deno.readTextFile(target), "contents");
  }));
