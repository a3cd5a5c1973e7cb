// The environment of a run: the program, the machine and the data, recorded as plain data.
// Two runs of one experiment in equal environments give the same bytes; otherwise the
// record shows the difference.

import { contentHash, type Dataset, sha256 } from "../data/dataset.ts";
import type { AdapterDescription, Device } from "../gpu/device.ts";
import { WGSL } from "../wgsl/mod.gen.ts";
import {
  anyObject,
  checkShape,
  list,
  nullable,
  number,
  object,
  optional,
  type Shape,
  text,
} from "./stored_shape.ts";

/** Program, machine and data of a run. */
export interface Environment {
  /** The version of Deno, which brings WebGPU. */
  readonly deno: string;
  /** The version of the engine, V8, which does the host's arithmetic. */
  readonly v8: string;
  /** The system and processor, such as x86_64-unknown-linux-gnu. */
  readonly platform: string;
  /** The program's git commit; null where that is not known. */
  readonly commit: string | null;
  /** The SHA-256 of all shaders. */
  readonly shaders: string;
  /** The GPU's description. */
  readonly adapter: AdapterDescription;
  /** The device's limits by WebGPU's names. */
  readonly limits: Readonly<Record<string, number>>;
  /** The images and labels. */
  readonly dataset: {
    readonly name: string;
    readonly title: string;
    /** The SHA-256 of its images and labels. */
    readonly contents: string;
    readonly notes: readonly string[];
  };
  /** The teacher's file, where it was trained before. */
  readonly teacher?: TeacherFile;
  /** The SHA-256 of what was read beside the data set, by what it is. */
  readonly added?: Readonly<Record<string, string>>;
  /** The ranks that train together; one process if left out. */
  readonly ranks?: number;
}

/** A file of weights. */
export interface TeacherFile {
  readonly file: string;
  readonly sha256: string;
}

const TEACHER: Shape = object<TeacherFile>({ file: text, sha256: text });

/** The parts of an environment that are read again; limits are for people only. */
const ENVIRONMENT: Shape = object<Environment>({
  deno: text,
  v8: text,
  platform: text,
  commit: nullable(text),
  shaders: text,
  adapter: anyObject,
  limits: anyObject,
  dataset: object<Environment["dataset"]>({
    name: text,
    title: text,
    contents: text,
    notes: list(text),
  }),
  teacher: optional(TEACHER),
  added: optional(anyObject),
  ranks: optional(number),
});

/**
 * The environment in a parsed JSON value.
 *
 * @param source What to call the value in errors.
 * @throws {UserError} naming the first part that is not what it has to be.
 */
export function storedEnvironment(value: unknown, source: string): Environment {
  return checkShape<Environment>(value, { shape: ENVIRONMENT, source });
}

/** What may be read beside the data set. */
const ADDED: readonly string[] = [
  "extra images",
  "images without labels",
  "teacher's features",
];

/** The environment of this process. */
export async function describeEnvironment(
  { device, dataset, commit, teacher = null, ranks, ...more }: {
    readonly device: Pick<Device, "adapter" | "limits">;
    readonly dataset: Dataset;
    readonly commit: string | null;
    /** The teacher's file, where it was trained before. */
    readonly teacher?: TeacherFile | null;
    /** What was read beside the data set, by its hashes; nothing if left out. */
    readonly added?: { readonly hashes?: Environment["added"] };
    readonly ranks?: number | undefined;
  },
): Promise<Environment> {
  const { name, title, notes } = dataset;
  const { hashes: added = {} } = more.added ?? {};
  return {
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    platform: Deno.build.target,
    commit,
    shaders: await shaderHash(),
    adapter: device.adapter,
    limits: plainLimits(device.limits),
    dataset: { name, title, contents: await contentHash(dataset), notes },
    ...teacher
      ? { teacher: { file: teacher.file, sha256: teacher.sha256 } }
      : {},
    ...Object.keys(added).length > 0 && { added },
    ...(ranks !== undefined && { ranks }),
  };
}

/**
 * The differences between two environments that may change a run's numbers, such as
 * "deno 2.9.6 became 2.9.7"; empty where a resumed run continues bit by bit.
 */
export function environmentChanges(
  before: Environment,
  now: Environment,
): string[] {
  const decisive = (environment: Environment): [string, unknown][] => [
    ["deno", environment.deno],
    ["platform", environment.platform],
    ["commit", environment.commit],
    ["shaders", environment.shaders],
    ["adapter", environment.adapter.description],
    ["adapter class", environment.adapter.adapterClass],
    ["subgroup size", environment.adapter.subgroupSize],
    ["data set", environment.dataset.contents],
    ["teacher", environment.teacher?.sha256],
    ...ADDED.map((
      name,
    ): [string, unknown] => [name, environment.added?.[name]]),
    ["number of ranks", environment.ranks ?? 1],
  ];
  const others = decisive(now);
  return decisive(before).flatMap(([name, value], i) => {
    const other = others[i]![1];
    return value === other ? [] : [`${name} ${value} became ${other}`];
  });
}

/** The SHA-256 of every shader's name and text, in the order of their names. */
export async function shaderHash(): Promise<string> {
  const texts = Object.entries(WGSL).sort(([a], [b]) => a < b ? -1 : 1);
  return await sha256(new TextEncoder().encode(JSON.stringify(texts)));
}

/** WebGPU keeps the limits in getters of a prototype, which JSON does not see. */
function plainLimits(limits: GPUSupportedLimits): Record<string, number> {
  const plain: Record<string, number> = {};
  for (const name in limits) {
    plain[name] = limits[name as keyof GPUSupportedLimits] as number;
  }
  return plain;
}
