// A lint rule that never fires looks like a clean project, so each rule is
// shown what it must find and what it must leave alone.

import { assertEquals } from "@std/assert";
import plugin from "../../tools/house_rules.ts";

/** The ids of what the rules find in this text, as a file of this path. */
function findings(path: string, text: string): string[] {
  return Deno.lint.runPlugin(plugin, path, text).map(({ id }) => id);
}

const CALLS = [
  "device.createBuffer({ size: 4, usage: 0 });",
  "staging.mapAsync(1);",
  "this.gpu.queue.writeBuffer(buffer, 0, data);",
  'staging["mapAsync"](1);',
  "const map = staging.mapAsync;",
];

for (const call of CALLS) {
  Deno.test(`house/gpu-calls finds ${call}`, () => {
    for (const path of ["/p/src/nn/layers.ts", "/p/cli.ts", "/p/bench/x.ts"]) {
      assertEquals(findings(path, call), ["house/gpu-calls"], path);
    }
  });

  Deno.test(`house/gpu-calls allows src/gpu to write ${call}`, () => {
    assertEquals(findings("/p/src/gpu/device.ts", call), []);
    assertEquals(findings("/p/tests/gpu/device_test.ts", call), []);
  });
}

Deno.test("house/gpu-calls leaves other calls alone", () => {
  const text = 'plan.run(); memory.write(x, y); console["log"]("mapAsync");';
  assertEquals(findings("/p/src/trainer.ts", text), []);
});
