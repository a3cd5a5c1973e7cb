// `train --ranks mpi`: one of several processes that train one network together. Rank 0
// does all that `train` does; the others wait for it, and take the steps that it orders.

import { commandLine } from "../../base/command_line.ts";
import type { Communicator } from "../../base/communicator.ts";
import { EXIT, explain, UsageError, UserError } from "../../base/errors.ts";
import { parseJson, writeJson } from "../../runs/stored_json.ts";
import { type MpiCommunicator, openMpi } from "../../mpi/mpi.ts";
import { storedExperiment } from "../../runs/stored_experiment.ts";
import { describeEnvironment } from "../../runs/environment.ts";
import { follow } from "../../trainer/trainer.ts";
import { Interruption } from "../terminal/interruption.ts";
import { Terminal } from "../terminal/terminal.ts";
import type { Device } from "../../gpu/device.ts";
import type { TunedAlgorithms } from "../../gpu/target.ts";
import type { Experiment } from "../../config/experiment.ts";
import type { Invocation } from "./invocation.ts";
import { openDevice, ownCommit } from "./machine.ts";
import { obtainAll, type ObtainedImages } from "./obtain_dataset.ts";
import { checkRanks } from "./rank_facts.ts";
import type { Option } from "./syntax.ts";

/** The options of ranks. */
export const RANKS: readonly Option[] = [
  {
    name: "ranks",
    value: "mpi",
    about: "Train together with the processes that mpiexec or srun started",
  },
  {
    name: "share-gpu",
    about: "Let the ranks of a machine share its first GPU",
  },
];

/** The ranks of a run, and what was said about their GPUs. */
export interface JoinedRanks {
  readonly communicator: MpiCommunicator;
  readonly sharesGpu: boolean;
  /** Whether the others know what to train, or that there is nothing. */
  announced: boolean;
}

/**
 * Joins the other ranks, and runs rank 0 by `lead` or follows it. Ends all of them where
 * one fails. Returns the exit code.
 *
 * @throws {UserError} if there are none to join.
 */
export async function onRanks(
  { invocation, terminal }: {
    readonly invocation: Invocation;
    readonly terminal: Terminal;
  },
  lead: (ranks: JoinedRanks) => Promise<number>,
): Promise<number> {
  checkAsked(invocation);
  const communicator = openMpi(environment);
  const { rank } = communicator;
  const sharesGpu = invocation.flag("share-gpu");
  const ranks = { communicator, sharesGpu, announced: false };
  try {
    const code = rank === 0
      ? await lead(ranks)
      : await trail(invocation, ranks);
    await end(ranks);
    return code;
  } catch (error) {
    const { text, code } = explain(error);
    terminal.clear();
    terminal.warn(rank === 0 ? text : `Rank ${rank}: ${text}`);
    if (rank === 0 && !ranks.announced) await end(ranks);
    else communicator.abort(code);
    return code;
  }
}

/** Ends what this rank does with the others. */
async function end({ communicator, announced }: JoinedRanks): Promise<void> {
  // A mistake in the words, or a finished run, which was only shown or measured.
  if (communicator.rank === 0 && !announced) await sendText(communicator, "");
  await communicator.close();
}

/** Refuses what cannot be done with ranks, and says which permission is missing. */
function checkAsked(invocation: Invocation): void {
  const engine = invocation.value("ranks");
  if (engine !== "mpi") {
    throw new UsageError(
      `Cannot join ranks: expected --ranks mpi but found --ranks ${engine}`,
    );
  }
  if (invocation.flag("dry-run")) {
    throw new UsageError(
      "Cannot join ranks: expected --dry-run or --ranks but found both; a dry " +
        "run is one process, and each of N ranks takes 1/N of its batches",
    );
  }
  const { state } = Deno.permissions.querySync({ name: "ffi" });
  if (state === "granted") return;
  throw new UserError(
    "Cannot join ranks: expected the permission to call the system's MPI, " +
      "--allow-ffi, but found it missing; start them by\n  " +
      `mpiexec -n 4 ${commandLine("train:ranks …")}`,
  );
}

/** A variable of the environment; undefined too where it may not be read. */
export function environment(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) : undefined;
}

/** Tells other ranks, if there are any, the experiment, once this one has its images. */
export async function announceExperiment(
  ranks: JoinedRanks | null,
  { experiment, device, images }: {
    readonly experiment: Experiment;
    readonly device: Device;
    readonly images: ObtainedImages;
  },
): Promise<void> {
  if (!ranks) return;
  const { communicator, sharesGpu } = ranks;
  // Every rank computes by the same algorithms.
  const { tuned = {} } = device.adapter;
  await sendText(communicator, writeJson({ experiment, tuned }));
  ranks.announced = true;
  await compared(communicator, { sharesGpu, device, images });
}

/** Follows rank 0. Only errors are printed. */
async function trail(
  invocation: Invocation,
  { communicator, sharesGpu }: JoinedRanks,
): Promise<number> {
  const sent = await sendText(communicator, "");
  if (sent === "") return EXIT.done;
  const order = parseJson(sent, ORDER) as {
    readonly experiment: unknown;
    readonly tuned: TunedAlgorithms;
  };
  const experiment = storedExperiment(order.experiment, ORDER);
  using device = await openDevice();
  device.tune(order.tuned);
  const images = await obtainAll({
    experiment,
    data: invocation.value("data"),
    strict: invocation.flag("strict"),
  }, SILENT);
  await compared(communicator, { sharesGpu, device, images });
  // Signals reach every rank. Rank 0 decides when to stop.
  using interruption = new Interruption({
    onFirst: () => {},
    onSecond: () => Deno.exit(EXIT.interrupted),
  });
  const { signal } = interruption;
  await follow({ device, experiment, ...images, communicator, signal });
  return EXIT.done;
}

/** What to call the order of rank 0 in errors. */
const ORDER = "what rank 0 sent";

const NOWHERE = { write: () => {}, columns: () => null };
const SILENT = new Terminal(NOWHERE, NOWHERE);

async function compared(
  communicator: MpiCommunicator,
  { sharesGpu, device, images }: {
    readonly sharesGpu: boolean;
    readonly device: Device;
    readonly images: ObtainedImages;
  },
): Promise<void> {
  const commit = await ownCommit();
  const found = await describeEnvironment({ device, ...images, commit });
  const { dataset: { contents }, added = {}, shaders, deno } = found;
  const read = [contents, ...Object.values(added)];
  await checkRanks(communicator, {
    adapterClass: device.adapter.adapterClass,
    contents: [...read, shaders, deno, commit].join("\n"),
    sharesGpu,
    environment,
  });
}

/** Sends a text from rank 0 to the others, which wait as long as it takes. */
async function sendText(
  communicator: Communicator,
  text: string,
): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const length = Float32Array.of(communicator.rank === 0 ? bytes.length : 0);
  await communicator.agree(length);
  // One byte to a number: any bits of f32 might not survive.
  const numbers = new Float32Array(length[0]!);
  if (communicator.rank === 0) numbers.set(bytes);
  await communicator.broadcast(numbers);
  return new TextDecoder().decode(Uint8Array.from(numbers));
}
