// A file that the runner of the tests overlooks would fail unseen.

import { assert, assertEquals } from "@std/assert";
import { jobsOf, SLOWEST } from "../../tools/run_tests.ts";

Deno.test("jobsOf() starts every file with tests once, the slowest first", () => {
  const names = jobsOf([]).map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
  assertEquals(SLOWEST.filter((name) => !names.includes(name)), []);
  assertEquals(names.slice(0, 3), [
    "types",
    SLOWEST[0]!,
    "examples in the documentation",
  ]);
  for (
    const file of ["mod_test.ts", "gpu/plan_test.ts", "kinds/toys_test.ts"]
  ) {
    assert(names.includes(`tests/${file}`), file);
  }
});

Deno.test("jobsOf() takes paths for what to test, and all else for options", () => {
  const jobs = jobsOf(["--filter", "philox", "tests/base/philox_test.ts"]);
  assertEquals(jobs.map(({ name }) => name), ["tests/base/philox_test.ts"]);
  const { words } = jobs[0]!;
  assertEquals(words.at(-1), "tests/base/philox_test.ts");
  assertEquals(words[words.indexOf("--filter") + 1], "philox");
  const ops = jobsOf(["tests/ops/norm/"]).map(({ name }) => name);
  assertEquals(ops[0], "tests/ops/norm/batch_norm_test.ts");
  assert(ops.every((name) => name.startsWith("tests/ops/norm/")));
});
