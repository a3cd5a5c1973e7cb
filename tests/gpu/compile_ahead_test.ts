// Compiling ahead: which kernels another device compiles, by what the driver's cache holds,
// and that results are the same whatever happens. Each case is a process of its own.

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { compileAhead } from "../../src/gpu/compile_ahead.ts";
import { Device } from "../../src/gpu/device.ts";
import { Memory } from "../../src/gpu/memory.ts";
import { Plan } from "../../src/gpu/plan.ts";
import { Variable } from "../../src/graph/tensor.ts";
import { testDevice } from "../support/check_op.ts";
import { double, programOf } from "../support/programs.ts";
import { withFolder } from "../support/temporary_folder.ts";

const PROGRAM = fromFileUrl(
  new URL("../support/compile_ahead.ts", import.meta.url),
);

/** What the program of `tests/support/compile_ahead.ts` prints. */
interface Compiled {
  /** Kernels that another device compiled. */
  readonly shared: number;
  readonly values: readonly number[];
}

async function compiled(
  env: Readonly<Record<string, string>>,
  words: readonly string[] = [],
): Promise<Compiled> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-check", PROGRAM, ...words],
    env,
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

// Of other adapters that are processors, and of other drivers' caches, nothing is known.
const isMesa = /llvmpipe/.test((await testDevice()).adapter.description);

Deno.test({
  name:
    "compileAhead() shares what the driver's cache lacks, and changes no result",
  ignore: !isMesa,
  fn: async () => {
    let cold: Compiled = { shared: 0, values: [] };
    // On a busy machine the driver may write its cache too late.
    for (let trial = 0; trial < 5 && cold.shared === 0; trial++) {
      await withFolder(async (folder) => {
        const env = { MESA_SHADER_CACHE_DIR: folder };
        cold = await compiled(env);
        assertEquals(await compiled(env), { ...cold, shared: 0 });
      });
    }
    assertEquals(cold.shared, 2, "two of four kernels");
  },
});

Deno.test({
  name:
    "compileAhead() leaves kernels to their first dispatch without the driver's cache",
  ignore: !isMesa,
  fn: async () => {
    const { shared } = await compiled({ MESA_SHADER_CACHE_DISABLE: "true" });
    assertEquals(shared, 0);
  },
});

Deno.test({
  name: "compileAhead() ends without an error where no other device opens",
  ignore: !isMesa,
  fn: () =>
    withFolder(async (folder) => {
      const env = { MESA_SHADER_CACHE_DIR: folder };
      const failed = await compiled(env, ["failing"]);
      assertEquals(failed.shared, 0);
      assertEquals(await compiled(env), failed);
    }),
});

Deno.test("compileAhead() does nothing on GPUs, and nothing on one core", async () => {
  using gpu = await Device.open({ adapterClass: "gpu" });
  using software = await Device.open({ adapterClass: "software" });
  for (const [device, cores] of [[gpu, 8], [software, 1]] as const) {
    using memory = new Memory(device);
    const program = programOf([new Variable("x", [])], [double(0)]);
    using _plan = await Plan.bind(program, memory);
    const before = device.gpu.createCommandEncoder;
    let encoders = 0;
    device.gpu.createCommandEncoder = (...options) => {
      encoders++;
      return before.apply(device.gpu, options);
    };
    assertEquals(await compileAhead(device, { cores }), 0);
    assertEquals(encoders, 0);
  }
});
