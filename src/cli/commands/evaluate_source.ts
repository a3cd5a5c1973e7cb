// `evaluate --source`: black-box attacks. Adversarial images are made on another network,
// of a run or of a file of weights, in its own architecture and normalization, and the
// network that is evaluated is asked about them. It has to tell the same classes apart, in
// images of the same size.

import { fileInfo, readBytes } from "../../base/disk.ts";
import { UsageError, UserError } from "../../base/errors.ts";
import type { ChosenAttacks } from "../../config/chosen_attacks.ts";
import type { DataConfig } from "../../config/experiment.ts";
import { namedNetwork } from "../../config/named_networks.ts";
import { namedNormalization } from "../../config/named_normalizations.ts";
import { modelDefaults } from "../../config/robustbench.ts";
import { type Dataset, sha256 } from "../../data/dataset.ts";
import { extentOf } from "../../data/load_dataset.ts";
import { checkpointNetworks } from "../../evaluation/checkpoint_networks.ts";
import type { EvaluatedNetwork } from "../../evaluation/evaluated_network.ts";
import { weightsNetwork } from "../../evaluation/weights_network.ts";
import type { AttackSource } from "../../runs/attack_source.ts";
import type { BallConfig } from "../../methods/attacks/iteration.ts";
import { RunFolder } from "../../runs/run_folder.ts";
import { checkpointOf } from "./checkpoint_option.ts";
import type { Invocation } from "./invocation.ts";
import type { Option } from "./syntax.ts";

/** The options for a network that attacks see in place of the one that is evaluated. */
export const SOURCE_OPTIONS: readonly Option[] = [
  {
    name: "source",
    value: "RUN|FILE",
    about: "Black-box: make adversarial images on this network instead",
  },
  {
    name: "source-network",
    value: "NAME",
    about:
      "Of a source: student or teacher of a run, the architecture of a file",
  },
  {
    name: "source-checkpoint",
    value: "NAME",
    about: "Of a source that is a run: best (the default), last, or an epoch",
  },
  {
    name: "source-normalize",
    value: "HOW",
    about: "Of a source that is a file: as --normalize",
  },
  {
    name: "source-key",
    value: "NAME",
    about: "Of a source that is a file: as --key",
  },
];

/** A network that attacks see. */
export interface TransferSource {
  readonly network: EvaluatedNetwork;
  readonly origin: AttackSource;
  /** Notes for the reader, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Refuses options that do not go together, before anything is loaded.
 *
 * @throws {UsageError} for one without its source, for a source without an attack, or
 * for the relationship score.
 */
export function checkSourceOptions(
  invocation: Invocation,
  { attacks, ensembles }: ChosenAttacks,
): void {
  const source = invocation.value("source");
  const alone = SOURCE_OPTIONS.find(({ name }) =>
    name !== "source" && invocation.value(name) !== undefined
  );
  if (source === undefined) {
    if (!alone) return;
    throw new UsageError(
      `Cannot use --${alone.name}: expected it with --source, which it is about, ` +
        "but found no --source",
    );
  }
  const all = [...Object.values(attacks), ...Object.values(ensembles)];
  if (all.every((config) => config === null)) {
    throw new UsageError(
      `Cannot use --source ${source}: expected an attack, such as --attack ` +
        "pgd-20, but found clean images alone",
    );
  }
  if (invocation.flag("relation")) {
    throw new UsageError(
      "Cannot use --relation: expected it without --source, since its attack is " +
        `on the network itself, but found --source ${source}`,
    );
  }
}

/** What the networks have in common, the attacks among it. */
interface SharedData {
  readonly config: DataConfig;
  readonly dataset: Dataset;
  readonly attacks: ChosenAttacks;
}

/**
 * The network that attacks see; undefined where none is asked for.
 *
 * @throws {UserError} if it was trained for other classes or other images.
 */
export async function readSource(
  invocation: Invocation,
  data: SharedData,
): Promise<TransferSource | undefined> {
  const path = invocation.value("source");
  if (path === undefined) return undefined;
  const info = await fileInfo(path);
  if (!info) {
    throw new UserError(
      `Cannot use --source ${path}: expected a run or a file of weights but ` +
        "found nothing",
    );
  }
  return info.isFile
    ? await sourceFile(path, invocation, data)
    : await sourceRun(path, invocation, data);
}

async function sourceFile(
  path: string,
  invocation: Invocation,
  { config, dataset }: SharedData,
): Promise<TransferSource> {
  const name = invocation.value("source-network");
  if (name === undefined || invocation.value("source-checkpoint")) {
    throw new UsageError(
      `Cannot use --source ${path}: expected --source-network NAME, the ` +
        `architecture of its weights, but found ${
          name === undefined ? "none" : "--source-checkpoint, which runs have"
        }`,
    );
  }
  const model = modelDefaults(name, {
    dataset: config.dataset,
    norm: invocation.value("norm"),
  });
  const how = invocation.value("source-normalize") ?? model.normalization;
  const { network, notes, sha256 } = await weightsNetwork(path, {
    architecture: namedNetwork(model.network),
    classes: dataset.classNames.length,
    normalization: how === undefined ? undefined : namedNormalization(how),
    key: invocation.value("source-key"),
  });
  return { network, origin: { name: path, network: "network", sha256 }, notes };
}

async function sourceRun(
  path: string,
  invocation: Invocation,
  { config, dataset, attacks }: SharedData,
): Promise<TransferSource> {
  refuseFileOptions(path, invocation);
  const folder = await RunFolder.open(path);
  await checkImages(folder, { config, dataset, attacks, invocation });
  const at = invocation.value("source-checkpoint") ?? "best";
  const option = "source-checkpoint";
  const checkpoint = await checkpointOf(folder, { name: at, option });
  const { source } = checkpoint;
  const networks = checkpointNetworks(checkpoint, { dataset, source });
  const wanted = invocation.value("source-network") ?? "student";
  const network = networks.find(({ name }) => name === wanted);
  if (!network) {
    throw new UsageError(
      `Cannot use --source-network ${wanted}: expected ${
        networks.map(({ name }) => name).join(" or ")
      } of ${path} but found ${wanted}`,
    );
  }
  const name = at === "best" ? path : `${path} (${at})`;
  const digest = await sha256(await readBytes(source));
  return {
    network,
    origin: { name, network: wanted, sha256: digest },
    notes: ballNotes(folder, attacks),
  };
}

/** A note where a run is meant for another ball than attacks are in. */
function ballNotes(
  { path, experiment: { evaluation } }: RunFolder,
  { attacks, ensembles }: ChosenAttacks,
): string[] {
  const balls = (named: Readonly<Record<string, BallConfig | null>>) =>
    Object.values(named).flatMap((config) =>
      config ? `${config.norm} ${config.epsilon}` : []
    );
  const [own] = balls(evaluation.attacks);
  const others = [...balls(attacks), ...balls(ensembles)]
    .filter((ball) => ball !== own);
  if (own === undefined || others.length === 0) return [];
  return [
    `${path} is measured in the ball ${own} itself, and attacks are in ` +
    `${[...new Set(others)].join(" and ")} here.`,
  ];
}

function refuseFileOptions(path: string, invocation: Invocation): void {
  const misplaced = ["source-normalize", "source-key"].find((name) =>
    invocation.value(name) !== undefined
  );
  if (!misplaced) return;
  throw new UsageError(
    `Cannot use --${misplaced}: expected it with a file of weights alone but ` +
      `found the run ${path}, which knows its own`,
  );
}

/** Refuses a run that was trained on another data set, or on images of another size. */
async function checkImages(
  { path, experiment: { data } }: RunFolder,
  { config, dataset, invocation }: SharedData & {
    readonly invocation: Invocation;
  },
): Promise<void> {
  const words = ({ height, width }: Dataset["shape"], classes: number) =>
    `${classes} classes in images of ${height} x ${width}`;
  const expected = words(dataset.shape, dataset.classNames.length);
  const fail = (found: string): never => {
    throw new UserError(
      `Cannot use --source ${path}: expected a network for ${dataset.title}, ` +
        `${expected}, but found one for ${found}`,
    );
  };
  if (data.dataset !== config.dataset) fail(data.dataset);
  const extent = await extentOf(data, { folder: invocation.value("data") });
  const found = words(extent.shape, extent.classes);
  if (found !== expected) fail(found);
}
