// Checks before ranks train together: that they have the same program and images, and that
// each has a GPU of its own.
//
// Deno takes the first GPU that Vulkan lists, and WebGPU does not tell two alike apart. So
// which GPU a rank has cannot be seen, only whether anything made the ranks of one machine
// look at different ones. The software adapter may have any number of ranks.

import { fnv1a } from "../../base/philox.ts";
import { UserError } from "../../base/errors.ts";
import type { AdapterClass } from "../../gpu/device.ts";
import type { MpiCommunicator } from "../../mpi/mpi.ts";

/** Variables by which launchers, containers and drivers choose the GPUs that Vulkan lists. */
export const GPU_VARIABLES: readonly string[] = [
  "DRI_PRIME",
  "MESA_VK_DEVICE_SELECT",
  "NVIDIA_VISIBLE_DEVICES",
  "VK_DRIVER_FILES",
  "VK_ICD_FILENAMES",
  "VK_LOADER_DRIVERS_SELECT",
];

/** Slurm gives each task the GPUs of this variable alone, by its cgroup. */
const PER_TASK = "SLURM_GPUS_PER_TASK";

/** What a rank says of itself. */
export interface RankFacts {
  readonly adapterClass: AdapterClass;
  /** The hashes of the program and the images. */
  readonly contents: string;
  /** Whether ranks may share a GPU. */
  readonly sharesGpu: boolean;
}

/**
 * Compares this rank with the others.
 *
 * @throws {UserError} on every rank, if they cannot train together.
 */
export async function checkRanks(
  communicator: Pick<MpiCommunicator, "allGather" | "size" | "machine">,
  { adapterClass, contents, sharesGpu, environment }: RankFacts & {
    readonly environment: (variable: string) => string | undefined;
  },
): Promise<void> {
  const { size, machine } = communicator;
  const perTask = environment(PER_TASK) !== undefined;
  const view = GPU_VARIABLES.map((name) => environment(name) ?? "")
    .concat(perTask ? environment("SLURM_PROCID") ?? "" : "");
  const alone = adapterClass === "software" || sharesGpu;
  const own = [hash(contents), hash(machine), hash(view.join("\n")), +alone];
  const rows = await communicator.allGather(
    Float32Array.from(own),
    Array.from({ length: size }, () => own.length),
  );
  const ranks = Array.from({ length: size }, (_, rank) => {
    const [contents, machine, view, alone] = rows.subarray(4 * rank);
    return { contents, gpu: `${machine} ${view}`, alone: alone === 1 };
  });
  checkContents(ranks);
  checkGpus(ranks, machine);
}

function checkContents(
  ranks: readonly { readonly contents: number | undefined }[],
): void {
  const other = ranks.findIndex(({ contents }) =>
    contents !== ranks[0]!.contents
  );
  if (other < 0) return;
  throw new UserError(
    "Cannot train on ranks: expected the same program and images on all of " +
      `them but found others on rank ${other} than on rank 0`,
  );
}

function checkGpus(
  ranks: readonly { readonly gpu: string; readonly alone: boolean }[],
  machine: string,
): void {
  const second = ranks.findIndex(({ gpu, alone }, i) =>
    !alone && ranks.findIndex((other) => other.gpu === gpu) < i
  );
  if (second < 0) return;
  const first = ranks.findIndex(({ gpu }) => gpu === ranks[second]!.gpu);
  throw new UserError(
    `Cannot train on ranks: expected a GPU for each rank of ${machine} but ` +
      `found nothing that gives ranks ${first} and ${second} different ones; ` +
      "they would share the first that Vulkan lists, for which " +
      "CUDA_VISIBLE_DEVICES means nothing. Under Slurm use srun " +
      "--gpus-per-task=1, elsewhere set DRI_PRIME or another of " +
      `${GPU_VARIABLES.join(", ")} differently for each rank, as ` +
      "docs/cluster.md shows; --share-gpu lets them share one",
  );
}

/** 24 bits of a hash, which f32 holds exactly. */
function hash(text: string): number {
  return fnv1a(text) >>> 8;
}
