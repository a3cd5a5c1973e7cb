import { assertRejects } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import type { AdapterClass } from "../../../src/gpu/device.ts";
import { checkRanks } from "../../../src/cli/commands/rank_facts.ts";
import { memoryRanks } from "../../support/memory_ranks.ts";

interface Rank {
  readonly adapterClass?: AdapterClass;
  readonly machine?: string;
  readonly contents?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly sharesGpu?: boolean;
}

function check(...ranks: readonly Rank[]): Promise<unknown> {
  return Promise.all(
    memoryRanks(ranks.length).map((communicator, i) => {
      const { adapterClass = "gpu", machine = "node", contents = "" } =
        ranks[i]!;
      const { variables = {}, sharesGpu = false } = ranks[i]!;
      const environment = (name: string) => variables[name];
      const facts = { adapterClass, contents, sharesGpu, environment };
      return checkRanks({ ...communicator, machine }, facts);
    }),
  );
}

Deno.test("checkRanks() refuses ranks that nothing gives a GPU of their own", async () => {
  const gpus = [{ DRI_PRIME: "pci-1" }, { DRI_PRIME: "pci-2" }];
  await check(...gpus.map((variables) => ({ variables })));
  await check({ machine: "a" }, { machine: "b" });
  await check({ sharesGpu: true }, { sharesGpu: true });
  await check({ adapterClass: "software" }, { adapterClass: "software" });
  const tasks = ["0", "1"].map((SLURM_PROCID) => ({
    variables: { SLURM_GPUS_PER_TASK: "1", SLURM_PROCID },
  }));
  await check(...tasks);
  await assertRejects(
    () => check({ machine: "other" }, {}, {}),
    UserError,
    "expected a GPU for each rank of",
  );
});

Deno.test("checkRanks() refuses ranks with other images", async () => {
  await assertRejects(
    () => check({ machine: "a" }, { machine: "b", contents: "other" }),
    UserError,
    "found others on rank 1 than on rank 0",
  );
});
