import { assertEquals, assertNotEquals } from "@std/assert";
import { ownCommit } from "../../../src/cli/commands/machine.ts";
import { fileInfo } from "../../../src/base/disk.ts";
import { gitCommit } from "../../../src/runs/git_commit.ts";
import { ROOT } from "../../support/program.ts";

Deno.test("ownCommit() is that of the folder that this program is in", async () => {
  const commit = await ownCommit();
  assertEquals(commit, await gitCommit(ROOT));
  if (await fileInfo(`${ROOT}.git`)) assertNotEquals(commit, null);
});
