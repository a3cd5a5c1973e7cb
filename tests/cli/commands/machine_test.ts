import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { ownCommit } from "../../../src/cli/commands/machine.ts";
import { gitCommit } from "../../../src/runs/git_commit.ts";

Deno.test("ownCommit() is that of this checkout", async () => {
  const root = fromFileUrl(new URL("../../../", import.meta.url));
  assertEquals(await ownCommit(), await gitCommit(root));
});
