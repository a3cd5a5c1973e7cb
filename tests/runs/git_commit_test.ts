import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { gitCommit } from "../../src/runs/git_commit.ts";

const ONE = "1".repeat(40);
const TWO = "2".repeat(40);

/** What `gitCommit` finds in a folder with these files. */
async function commitIn(
  files: Readonly<Record<string, string>>,
  checkout = "checkout",
): Promise<string | null> {
  const folder = await Deno.makeTempDir({ prefix: "git_commit_test_" });
  try {
    await Deno.mkdir(join(folder, checkout), { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeTextFile(path, text.replaceAll("$FOLDER", folder));
    }
    return await gitCommit(join(folder, checkout));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("gitCommit() follows HEAD to its branch", async () => {
  const head = { "checkout/.git/HEAD": "ref: refs/heads/main\n" };
  assertEquals(
    await commitIn({ ...head, "checkout/.git/refs/heads/main": `${ONE}\n` }),
    ONE,
  );
});

Deno.test("gitCommit() finds branches that git has packed", async () => {
  const files = {
    "checkout/.git/HEAD": "ref: refs/heads/main\n",
    "checkout/.git/packed-refs": "# pack-refs with: peeled\n" +
      `${TWO} refs/heads/domain\n${ONE} refs/heads/main\n`,
  };
  assertEquals(await commitIn(files), ONE);
});

Deno.test("gitCommit() takes a detached HEAD as it is", async () => {
  assertEquals(await commitIn({ "checkout/.git/HEAD": `${TWO}\n` }), TWO);
});

Deno.test("gitCommit() finds the shared branches of a worktree", async () => {
  const files = {
    "checkout/.git": "gitdir: $FOLDER/main/.git/worktrees/checkout\n",
    "main/.git/worktrees/checkout/HEAD": "ref: refs/heads/side\n",
    "main/.git/worktrees/checkout/commondir": "../..\n",
    "main/.git/refs/heads/side": `${TWO}\n`,
  };
  assertEquals(await commitIn(files), TWO);
});

Deno.test("gitCommit() is null where there is no commit", async () => {
  assertEquals(await commitIn({}), null);
  const unborn = { "checkout/.git/HEAD": "ref: refs/heads/main\n" };
  assertEquals(await commitIn(unborn), null);
  assertEquals(await commitIn({ "checkout/.git/HEAD": "garbage\n" }), null);
});
