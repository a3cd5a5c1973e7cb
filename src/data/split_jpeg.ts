// A JPEG of four channels (CMYK or YCCK) as two of three channels, without loss: the
// bits of each block are copied into the files that have its channel. MozJPEG, which
// gives no fewer colors than red, green and blue, then decodes both as it decodes any
// other image. The one has the channels 1, 2 and 3, the other 1, 2 and 4.
//
// A block's bits do not depend on other channels' blocks (ITU-T T.81, annex F and G:
// every channel has its own prediction), and restarts count units of the image, which
// stay the same. Scans of one channel are copied as they are.

import { joinedBytes } from "./joined_bytes.ts";
import type { Fail } from "../base/fail.ts";
import { BitReader, BitWriter } from "./jpeg_bits.ts";
import {
  type Frame,
  type FrameComponent,
  frameOf,
  MARKERS,
  type Segment,
  segmentsOf,
} from "./jpeg_segments.ts";
import { HuffmanTables } from "./jpeg_huffman.ts";

/** Both files, and how the channels are stored. */
export interface SplitJpeg {
  /** Channels 1 to 3: red, green and blue where colors are converted, or C, M, Y. */
  readonly colors: Uint8Array<ArrayBuffer>;
  /** Channels 1, 2 and 4; the last one is black. */
  readonly black: Uint8Array<ArrayBuffer>;
  /** Whether channels 1 to 3 are luma and chroma (YCCK). */
  readonly converted: boolean;
}

/** The channels of each file. */
const KEPT = [[0, 1, 2], [0, 1, 3]] as const;

const UNUSUAL = "a JPEG of four channels in an arrangement that is not read";

/** Splits a JPEG of four channels. */
export function splitJpeg(bytes: Uint8Array, fail: Fail): SplitJpeg {
  const files = KEPT.map(
    (): Uint8Array[] => [Uint8Array.of(0xff, MARKERS.startOfImage)],
  );
  const tables = new HuffmanTables();
  let frame: Frame | null = null;
  let interval = 0;
  let transform: number | null = null;
  for (const segment of segmentsOf(bytes)) {
    const { marker, body } = segment;
    if (marker === MARKERS.adobe) transform = adobeTransform(body) ?? transform;
    else if (marker === MARKERS.huffman) tables.define(body, fail);
    else if (marker === MARKERS.restartInterval) {
      interval = body[0]! << 8 | body[1]!;
    }
    const found = frameOf(segment);
    if (found) {
      frame = checkedFrame(found, fail);
      const converted = isConverted(transform);
      files.forEach((file, i) =>
        file.push(adobeSegment(converted && i === 0), ...frameSegment(found, i))
      );
    } else if (marker === MARKERS.startOfScan) {
      if (!frame) return fail(UNUSUAL);
      const scans = splitScan(segment, { frame, tables, interval, fail });
      files.forEach((file, i) => file.push(...scans[i]!));
    } else if (!isApplication(marker)) {
      for (const file of files) file.push(...segmentBytes(marker, body));
    }
  }
  const [colors, black] = files.map((parts) =>
    joinedBytes([...parts, Uint8Array.of(0xff, MARKERS.endOfImage)])
  );
  const converted = isConverted(transform);
  return { colors: colors!, black: black!, converted };
}

/** As libjpeg has it: without Adobe's marker, or if that says so, they are CMYK. */
function isConverted(transform: number | null): boolean {
  return transform !== null && transform !== 0;
}

/** Comments and what applications add. */
function isApplication(marker: number): boolean {
  return marker >= 0xe0 && marker <= 0xef || marker === 0xfe;
}

function adobeTransform(body: Uint8Array): number | undefined {
  const isAdobe = body.length >= 12 &&
    new TextDecoder().decode(body.subarray(0, 5)) === "Adobe";
  return isAdobe ? body[11]! : undefined;
}

/** Adobe's marker, saying whether three channels are luma and chroma. */
function adobeSegment(converted: boolean): Uint8Array {
  const name = new TextEncoder().encode("Adobe");
  return joinedBytes([
    Uint8Array.of(0xff, MARKERS.adobe, 0, 14),
    name,
    Uint8Array.of(0, 100, 0, 0, 0, 0, converted ? 1 : 0),
  ]);
}

function segmentBytes(marker: number, body: Uint8Array): Uint8Array[] {
  const length = body.length + 2;
  return [Uint8Array.of(0xff, marker, length >> 8, length & 255), body];
}

/** Baseline, extended or progressive with Huffman codes, of usual sampling. */
function checkedFrame(frame: Frame, fail: Fail): Frame {
  const { marker, components } = frame;
  const most = (axis: "across" | "down", among: readonly number[]): number =>
    Math.max(...among.map((i) => components[i]?.[axis] ?? 0));
  const all = [0, 1, 2, 3];
  const isUsual = marker <= 0xc2 && components.length === 4 &&
    components.every(({ across, down }) => across >= 1 && down >= 1) &&
    KEPT.every((kept) =>
      most("across", kept) === most("across", all) &&
      most("down", kept) === most("down", all)
    );
  return isUsual ? frame : fail(UNUSUAL);
}

function frameSegment(
  { marker, precision, height, width, components }: Frame,
  file: number,
): Uint8Array[] {
  const kept = KEPT[file]!.map((i) => components[i]!.bytes);
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  const start = Uint8Array.of(precision, ...size, kept.length);
  return segmentBytes(marker, joinedBytes([start, ...kept]));
}

/** The inputs of reading a scan. */
interface ScanReading {
  readonly frame: Frame;
  readonly tables: HuffmanTables;
  /** Units of the image between restarts; 0 for no restarts. */
  readonly interval: number;
  readonly fail: Fail;
}

/** A component in a scan. */
interface ScanComponent extends FrameComponent {
  /** Its place in the frame. */
  readonly index: number;
  /** Its id and its tables. */
  readonly entry: Uint8Array;
}

/** The parts of a scan for each file; none where a file has none of its channels. */
function splitScan(
  { body, scan }: Segment,
  reading: ScanReading,
): readonly Uint8Array[][] {
  const { frame, fail } = reading;
  const components = Array.from({ length: body[0] ?? 0 }, (_, i) => {
    const entry = body.subarray(1 + 2 * i, 3 + 2 * i);
    const index = frame.components.findIndex(({ id }) => id === entry[0]);
    return { ...frame.components[index] ?? fail(UNUSUAL), index, entry };
  });
  const rest = body.subarray(1 + 2 * components.length);
  const data = components.length === 1
    ? KEPT.map(() => scan)
    : splitBlocks(scan, { ...reading, components, rest });
  return KEPT.map((kept, file) => {
    const own = components.filter(({ index }) => isKept(kept, index));
    if (own.length === 0) return [];
    // Alone in its scan, a channel would have its blocks in another order.
    const reordered = own.length === 1 && components.length > 1 &&
      own[0]!.across * own[0]!.down > 1;
    if (reordered) return fail(UNUSUAL);
    const entries = own.map(({ entry }) => entry);
    const header = joinedBytes([Uint8Array.of(own.length), ...entries, rest]);
    return [...segmentBytes(MARKERS.startOfScan, header), data[file]!];
  });
}

function isKept(kept: readonly number[], index: number): boolean {
  return kept.includes(index);
}

/** Copies the blocks of a scan of several channels. */
function splitBlocks(
  scan: Uint8Array,
  { frame, tables, interval, fail, components, rest }: ScanReading & {
    readonly components: readonly ScanComponent[];
    /** First and last coefficient, and how many bits of them came before. */
    readonly rest: Uint8Array;
  },
): Uint8Array[] {
  const reader = new BitReader(scan, fail);
  const writers = KEPT.map(() => new BitWriter());
  const isProgressive = frame.marker === 0xc2;
  const isRefinement = isProgressive && rest[2]! >> 4 > 0;
  const units = unitsOf(frame);
  for (let unit = 0; unit < units; unit++) {
    if (interval > 0 && unit > 0 && unit % interval === 0) {
      reader.restart();
      for (const writer of writers) writer.restart();
    }
    for (const { index, across, down, entry } of components) {
      const sinks = writers.filter((_, file) => isKept(KEPT[file]!, index));
      reader.copyTo(sinks);
      const [dc, ac] = [entry[1]! >> 4, entry[1]! & 15];
      for (let block = 0; block < across * down; block++) {
        if (isRefinement) reader.take(1);
        else tables.passDc(reader, { table: dc, fail });
        if (!isProgressive) tables.passAc(reader, { table: ac, fail });
      }
    }
  }
  return writers.map((writer) => writer.end());
}

/** How many units of interleaved blocks an image has. */
function unitsOf({ height, width, components }: Frame): number {
  const across = Math.max(...components.map(({ across }) => across));
  const down = Math.max(...components.map(({ down }) => down));
  return Math.ceil(width / (8 * across)) * Math.ceil(height / (8 * down));
}
