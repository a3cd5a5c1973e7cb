// The algorithms that were measured on a device, on disk: one file in the cache folder for
// each device, driver and version of the program, since a change of any of them may change
// which algorithm is the fastest. A file that is damaged or for another device costs time
// alone: it is passed over with a note, and measuring again replaces it.

import { writeAtomically } from "../base/atomic_write.ts";
import { cacheFolder } from "../base/cache.ts";
import { fileInfo, makeFolder } from "../base/disk.ts";
import { UserError } from "../base/errors.ts";
import { sha256 } from "../data/dataset.ts";
import type { AdapterDescription } from "../gpu/device.ts";
import type { TunedAlgorithms } from "../gpu/target.ts";
import { shaderHash } from "./environment.ts";
import { asObject, checkFormat, readJson, writeJson } from "./stored_json.ts";

const FORMAT = "frpat-tuned-1";

/** What a measurement holds for. */
export interface TunedDevice {
  readonly description: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly adapterClass: string;
  readonly subgroupSize: number;
  readonly shaderInt64: boolean;
  /** Threads of the processor, which a software adapter computes with. */
  readonly cores: number;
  readonly platform: string;
  /** The version of Deno, which brings WebGPU and its compiler. */
  readonly deno: string;
  /** The SHA-256 of all shaders. */
  readonly shaders: string;
}

/** What is known of the algorithms on a device. */
export interface KnownAlgorithms {
  /** The file, which may not exist. */
  readonly path: string;
  readonly device: TunedDevice;
  /** The fastest algorithms; none where there is no file that holds for the device. */
  readonly tuned: TunedAlgorithms;
  /** Why a file that there is was passed over. */
  readonly notes: readonly string[];
}

/** What a measurement on an adapter holds for, in this process. */
export async function tunedDevice(
  adapter: AdapterDescription,
): Promise<TunedDevice> {
  const { description, vendor, architecture, ...target } = adapter;
  const { adapterClass, subgroupSize, shaderInt64 } = target;
  return {
    description,
    vendor,
    architecture,
    adapterClass,
    subgroupSize,
    shaderInt64,
    cores: navigator.hardwareConcurrency,
    platform: Deno.build.target,
    deno: Deno.version.deno,
    shaders: await shaderHash(),
  };
}

/** Reads what was measured on an adapter before. */
export async function knownAlgorithms(
  adapter: AdapterDescription,
  folder: string = `${cacheFolder()}/tuned`,
): Promise<KnownAlgorithms> {
  const device = await tunedDevice(adapter);
  const path = `${folder}/${await fileName(device)}`;
  const none = { path, device, tuned: {} };
  if (!await fileInfo(path)) {
    return { ...none, notes: await olderNotes(folder, device) };
  }
  try {
    const stored = await readJson(path);
    checkFormat(stored["format"], { expected: FORMAT, source: path });
    checkDevice(stored["device"], { device, path });
    return { path, device, tuned: storedAlgorithms(stored, path), notes: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const note = `${error.message}. Its algorithms are passed over; ` +
      '"tune" measures them again';
    return { ...none, notes: [note] };
  }
}

/** Adds algorithms to those that are known of a device. */
export async function keepAlgorithms(
  { path, device, tuned }: Omit<KnownAlgorithms, "notes">,
): Promise<void> {
  const sorted = Object.fromEntries(
    Object.entries(tuned).sort(([a], [b]) => a < b ? -1 : 1),
  );
  await makeFolder(path.slice(0, path.lastIndexOf("/")));
  const stored = { format: FORMAT, device, tuned: sorted };
  await writeAtomically(path, `${writeJson(stored, { indent: 2 })}\n`);
}

/** The algorithms in a file: names by pass and shape. */
function storedAlgorithms(
  stored: Record<string, unknown>,
  path: string,
): TunedAlgorithms {
  const entries = Object.entries(asObject(stored["tuned"], path));
  const wrong = entries.find(([, name]) => typeof name !== "string");
  if (wrong) {
    throw new UserError(
      `Cannot read ${path}: expected the name of an algorithm for ${
        wrong[0]
      } ` +
        `but found ${JSON.stringify(wrong[1])}`,
    );
  }
  return Object.fromEntries(entries) as TunedAlgorithms;
}

function checkDevice(
  found: unknown,
  { device, path }: { readonly device: TunedDevice; readonly path: string },
): void {
  const stored = asObject(found, path);
  const other = Object.entries(device)
    .find(([name, value]) => stored[name] !== value);
  if (!other) return;
  const [name, value] = other;
  throw new UserError(
    `Cannot use ${path}: expected ${name} ${value} but found ${stored[name]}`,
  );
}

/** That measurements of this device are of another version, where there are some. */
async function olderNotes(
  folder: string,
  device: TunedDevice,
): Promise<string[]> {
  if (!await fileInfo(folder)) return [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(`${slug(device)}-`)) {
      return [
        `Algorithms were measured on ${device.description} by another version ` +
        'of the program, of Deno or of a driver; "tune" measures them again',
      ];
    }
  }
  return [];
}

async function fileName(device: TunedDevice): Promise<string> {
  const hash = await sha256(new TextEncoder().encode(JSON.stringify(device)));
  return `${slug(device)}-${hash.slice(0, 12)}.json`;
}

function slug({ description }: TunedDevice): string {
  return description.toLowerCase().replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "") || "device";
}
