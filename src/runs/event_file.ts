// An event file of TensorBoard, which W&B and others import, with a run's measurements.
// They are appended while the run is trained.
//
// The file is a sequence of records, each a length (8 bytes, little-endian), a checksum of
// the length, a message and a checksum of the message (TensorFlow's `record_writer.cc`).
// The messages are those of TensorFlow's `event.proto`, of which five fields are needed.
// A resumed run starts a new file. Its `SessionLog` makes TensorBoard drop the later steps
// of other files, as PyTorch's `purge_step` does.

import {
  makeFolder,
  openInPlace,
  refuseLinks,
  writeError,
} from "../base/disk.ts";
import { crc32c } from "./crc32c.ts";
import type { LogLine } from "./log_line.ts";
import { type LoggedScalars, LogScalars } from "./log_scalars.ts";

/** An open event file. Dispose of it. */
export class EventFile {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #scalars = new LogScalars();

  private constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  /**
   * Makes a new event file in a folder, which is made if need be.
   *
   * @param options.lines The lines of the log so far. They are written too if the folder
   * has no event file yet.
   * @param options.step Steps taken. Later steps in other files become void.
   * @param options.now Seconds since 1970, for the file's name.
   * @throws {UserError} if the system refuses.
   */
  static async create(
    folder: string,
    { lines, step, now = Date.now() / 1000 }: {
      readonly lines: readonly LogLine[];
      readonly step: number;
      readonly now?: number;
    },
  ): Promise<EventFile> {
    await makeFolder(folder);
    await refuseLinks(folder);
    const isFirst = (await eventFilesIn(folder)).length === 0;
    const path = `${folder}/${PREFIX}${now.toFixed(3)}.frpat`;
    const options = { append: true, create: true };
    const file = new EventFile(await openInPlace(path, options), path);
    try {
      file.#begin(now, isFirst ? 0 : step + 1);
      for (const line of lines) {
        const found = file.#scalars.next(line);
        if (found && isFirst) file.#writeScalars(found);
      }
      return file;
    } catch (error) {
      file.dispose();
      throw error;
    }
  }

  /** Writes the version, and the start of a session whose first step is `step`. */
  #begin(now: number, step: number): void {
    const time = double(1, now);
    this.#write(message([time, bytes(3, utf8("brain.Event:2"))]));
    const start = bytes(7, message([varint(1, SESSION_START)]));
    this.#write(message([time, ...stepOf(step), start]));
  }

  /**
   * Adds the measurements of a line of the log, if it has any.
   *
   * @throws {UserError} if the disk is full.
   */
  add(line: LogLine): void {
    const found = this.#scalars.next(line);
    if (found) this.#writeScalars(found);
  }

  #writeScalars({ step, time, values }: LoggedScalars): void {
    const seconds = Date.parse(time ?? "") / 1000 || 0;
    const summary = Object.entries(values).map(([tag, value]) =>
      bytes(1, message([bytes(1, utf8(tag)), float(2, value)]))
    );
    const body = bytes(5, message(summary));
    this.#write(message([double(1, seconds), ...stepOf(step), body]));
  }

  /** Closes the file. */
  dispose(): void {
    this.#file.close();
  }

  /** As {@linkcode EventFile.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Writes a record whole. */
  #write(event: Uint8Array): void {
    const record = new Uint8Array(event.length + 16);
    const view = new DataView(record.buffer);
    view.setBigUint64(0, BigInt(event.length), true);
    view.setUint32(8, masked(record.subarray(0, 8)), true);
    record.set(event, 12);
    view.setUint32(12 + event.length, masked(event), true);
    try {
      for (let done = 0; done < record.length;) {
        done += this.#file.writeSync(record.subarray(done));
      }
    } catch (error) {
      throw writeError(error, this.#path);
    }
  }
}

/** The start of the names of event files. */
const PREFIX = "events.out.tfevents.";

/** `SessionLog.SessionStatus.START`. */
const SESSION_START = 1;

/** The event files in a folder, oldest first. */
async function eventFilesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(PREFIX)) names.push(name);
  }
  return names.sort();
}

/** The step of an event. It is left out if it is 0, as protocol buffers do. */
function stepOf(step: number): Uint8Array[] {
  return step === 0 ? [] : [varint(2, step)];
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** TensorFlow's masked checksum. */
function masked(data: Uint8Array): number {
  const sum = crc32c(data);
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0;
}

/** Wire types of protocol buffers. */
const WIRE = { varint: 0, eight: 1, bytes: 2, four: 5 } as const;

function message(fields: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(
    fields.reduce((sum, part) => sum + part.length, 0),
  );
  let at = 0;
  for (const part of fields) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A whole number as a varint: groups of seven bits, the lowest first. */
function digits(value: number): number[] {
  const found: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) {
    found.push(rest % 128 + 128);
  }
  return [...found, rest];
}

function tagOf(field: number, wire: number): number[] {
  return digits(8 * field + wire);
}

function varint(field: number, value: number): Uint8Array {
  return Uint8Array.from([...tagOf(field, WIRE.varint), ...digits(value)]);
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  const head = [...tagOf(field, WIRE.bytes), ...digits(value.length)];
  return message([Uint8Array.from(head), value]);
}

function double(field: number, value: number): Uint8Array {
  const data = new Uint8Array(8);
  new DataView(data.buffer).setFloat64(0, value, true);
  return message([Uint8Array.from(tagOf(field, WIRE.eight)), data]);
}

function float(field: number, value: number): Uint8Array {
  const data = new Uint8Array(4);
  new DataView(data.buffer).setFloat32(0, value, true);
  return message([Uint8Array.from(tagOf(field, WIRE.four)), data]);
}
