// The account is read from what other programs print: Deno's summary of a file, and
// the shell's `times`, which has a form for each shell.

import { assertEquals } from "@std/assert";
import { accountText, parseOutput } from "../../tools/test_account.ts";

const SUMMARY = `a test of 9 passed tests ... ok (2ms)

ok | 12 passed (3 steps) | 0 failed | 1 ignored (4s)
`;

Deno.test("parseOutput() takes the summary, and the time of processes", () => {
  for (
    const times of [
      "0m0.001s 0m0.002s\n1m2.500s 0m0.250s\n",
      "0m0.000000s 0m0.000000s\n1m2.500000s 0m0.250000s\n",
    ]
  ) {
    const { output, counts, processor } = parseOutput(`${SUMMARY}\n${times}`);
    assertEquals(output, SUMMARY.trimEnd());
    assertEquals(counts, { passed: 12, failed: 0, ignored: 1 });
    assertEquals(processor, 62.75);
  }
});

Deno.test("parseOutput() counts nothing where a process died", () => {
  const { counts } = parseOutput("9 passed\n\n0m0.0s 0m0.0s\n0m1.0s 0m0.0s\n");
  assertEquals(counts, { passed: 0, failed: 0, ignored: 0 });
});

Deno.test("accountText() names what took longest and what failed", () => {
  const counts = { passed: 2, failed: 0, ignored: 0 };
  const files = Array.from({ length: 20 }, (_, i) => ({
    name: `${i}_test.ts`,
    passed: i !== 3,
    counts: i === 3 ? { ...counts, failed: 1 } : counts,
    output: "",
    seconds: 2 * i,
    processor: i,
  }));
  const lines = accountText(files, { seconds: 95, atOnce: 2 }).split("\n");
  assertEquals(lines.slice(1, 3), [
    "processor s   wall s  the slowest files",
    "       19.0     38.0  19_test.ts",
  ]);
  assertEquals(lines.slice(-5), [
    "        5.0     10.0  5_test.ts",
    "      190.0     95.0  all 20, 2 at a time",
    "",
    "FAILED 3_test.ts",
    "FAILED | 40 passed | 1 failed | 0 ignored",
  ]);
});
