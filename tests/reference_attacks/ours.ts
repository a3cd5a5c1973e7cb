// This project's AutoAttack as an attacker, on the student of a run's best checkpoint.

import { join } from "@std/path";
import { loadCifar10 } from "../../src/data/cifar.ts";
import {
  type Dataset,
  imageBytes,
  type Split,
} from "../../src/data/dataset.ts";
import { evaluateEnsemble } from "../../src/evaluation/auto_attack/ensemble.ts";
import { checkpointNetworks } from "../../src/evaluation/checkpoint_networks.ts";
import type { EvaluatedNetwork } from "../../src/evaluation/evaluated_network.ts";
import { Device } from "../../src/gpu/device.ts";
import { Memory } from "../../src/gpu/memory.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import {
  autoAttack,
  type Ensemble,
} from "../../src/methods/attacks/auto_attack.ts";
import { fabTargeted } from "../../src/methods/attacks/fab.ts";
import { l2, linf, type ThreatModel } from "../../src/methods/threat_model.ts";
import { inRounds, type RoundAttack } from "../../src/methods/round_attack.ts";
import { crossEntropy } from "../../src/nn/losses.ts";
import { loadCheckpoint } from "../../src/runs/checkpoint.ts";
import { ResidentBatches } from "../../src/step/batch_source.ts";
import { ResidentSplit } from "../../src/step/resident_split.ts";
import type {
  Attacker,
  Ball,
  Broken,
  Budget,
  SeedsJob,
  VerdictJob,
  Verdicts,
} from "./jobs.ts";

/** Images that are attacked at once. */
const BATCH = 250;

/** Our AutoAttack on a network. */
export class Ours implements Attacker {
  readonly name = "ours";
  readonly #device: Device;
  readonly #dataset: Dataset;
  readonly #network: EvaluatedNetwork;

  private constructor(
    device: Device,
    dataset: Dataset,
    network: EvaluatedNetwork,
  ) {
    this.#device = device;
    this.#dataset = dataset;
    this.#network = network;
  }

  /** Reads the run and the data set. */
  static async open(
    { run, data }: { readonly run: string; readonly data: string },
  ): Promise<Ours> {
    const source = join(run, "best.safetensors");
    const checkpoint = await loadCheckpoint(source);
    const dataset = await loadCifar10(data);
    const [student] = checkpointNetworks(checkpoint, { dataset, source });
    return new Ours(await Device.open(), dataset, student!);
  }

  /** The adapter's name. */
  get device(): string {
    return this.#device.adapter.description;
  }

  async verdicts({ images, seed, ...ball }: VerdictJob): Promise<Verdicts> {
    const ensemble = autoAttack({ threat: threatOf(ball) });
    return await this.#evaluate(images, { ensemble, seed });
  }

  async seeds(job: SeedsJob): Promise<Broken> {
    const { images, seeds } = job;
    const ensemble = memberOf(job);
    const found: boolean[][] = [];
    for (const seed of seeds) {
      const verdicts = await this.#evaluate(images, { ensemble, seed });
      found.push(verdicts.map((by) => by !== null));
    }
    return found;
  }

  async #evaluate(
    images: readonly number[],
    { ensemble, seed }: { readonly ensemble: Ensemble; readonly seed: number },
  ): Promise<Verdicts> {
    const { shape, test } = this.#dataset;
    const chosen = select(test, images, imageBytes(shape));
    using memory = new Memory(this.#device);
    const data = new ResidentSplit("test", { count: chosen.count, shape });
    data.upload(memory, chosen);
    this.#network.upload(memory);
    let last = "";
    const { verdicts } = await evaluateEnsemble(memory, {
      network: this.#network.network,
      source: new ResidentBatches(data, { batchSize: BATCH }),
      ensemble,
      batchSize: BATCH,
      seed,
      onProgress: ({ attack, robust }) => {
        if (attack !== last) progress(`ours: ${attack} ${robust}`);
        last = attack;
      },
    });
    return verdicts;
  }

  /** Releases the device. */
  [Symbol.dispose](): void {
    this.#device.dispose();
  }
}

function threatOf({ norm, epsilon }: Ball): ThreatModel {
  return { linf, l2 }[norm](epsilon);
}

function progress(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

/**
 * One attack alone, as a single round: all of its rounds on all images, so that every
 * seed runs the same program.
 */
function memberOf({ member, budget, ...ball }: SeedsJob): Ensemble {
  const threat = threatOf(ball);
  const members = (classes: number) => {
    const attack = member === "fab-t random"
      ? randomFab(threat, budget)
      : autoAttack({ threat, attacks: [member], ...budget })
        .members(classes).attacks[0]!;
    return { attacks: [oneRound(attack)], warnings: [] };
  };
  return { threat, randomized: false, members };
}

/** FAB-T whose first searches start at random, as only later ones do. */
function randomFab(threat: ThreatModel, budget: Budget): RoundAttack {
  const fab = fabTargeted({ threat, ...budget, restarts: 2 });
  return inRounds({
    ...fab,
    rounds: budget.targets,
    round: (index) => fab.round(2 * index + 1),
  });
}

function oneRound(attack: RoundAttack): RoundAttack {
  // Square looks in between whether all images are broken.
  if (attack.rounds === 1) return attack;
  return {
    ...attack,
    rounds: 1,
    passes: (classes) => attack.rounds * attack.passes(classes),
    round: () => ({
      begin: (inputs) => {
        const loss = (x: Tensor) =>
          crossEntropy(inputs.logits(x), inputs.labels);
        return { images: attack.maximize(loss, inputs) };
      },
    }),
  };
}

/** The images at some places. */
function select(
  { images, labels }: Split,
  places: readonly number[],
  bytes: number,
): Split {
  const chosen = new Uint8Array(places.length * bytes);
  places.forEach((place, i) =>
    chosen.set(images.subarray(place * bytes, (place + 1) * bytes), i * bytes)
  );
  return {
    images: chosen,
    labels: Uint8Array.from(places, (place) => labels[place]!),
    count: places.length,
  };
}
