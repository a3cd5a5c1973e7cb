import { assertEquals } from "@std/assert";
import { apgdWindows } from "../../../src/methods/attacks/apgd_windows.ts";

Deno.test("apgdWindows() of 100 steps ends at the checkpoints of the authors' code", () => {
  const { checkpoints, rest } = apgdWindows(100);
  assertEquals(checkpoints, [22, 19, 16, 13, 10, 7, 6, 6]);
  const ends = checkpoints.map((_, i) =>
    checkpoints.slice(0, i + 1).reduce((sum, length) => sum + length)
  );
  assertEquals(ends, [22, 41, 57, 70, 80, 87, 93, 99]);
  assertEquals(rest, 1);
});

Deno.test("apgdWindows() looks back after every step of short searches", () => {
  assertEquals(apgdWindows(5), { checkpoints: [1, 1, 1, 1, 1], rest: 0 });
  assertEquals(apgdWindows(0), { checkpoints: [], rest: 0 });
});
