// The entries of a tar archive (POSIX ustar), in order. An archive ends with a block of
// zeros: one without it was cut off.

/** An entry of an archive. */
export interface TarEntry {
  /** Its path in the archive, as it is written there. */
  readonly name: string;
  /** Whether it is a plain file: no folder, link, or description of other entries. */
  readonly isFile: boolean;
  /** The bytes of its content, as it claims. */
  readonly size: number;
  /** Its content, piece by piece; what is not taken is passed over. */
  readonly content: () => AsyncGenerator<Uint8Array>;
}

const BLOCK = 512;

/** The finding for an archive that was cut off, to end an error with. */
const CUT = "an archive that breaks off";

/**
 * Reads an archive.
 *
 * @throws {SyntaxError} saying what is wrong with it.
 */
export async function* tarEntries(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<TarEntry> {
  const bytes = new ByteReader(chunks);
  for (;;) {
    const header = await bytes.block();
    if (header.every((byte) => byte === 0)) break;
    checkSum(header);
    const size = octal(header.subarray(124, 136));
    let left = size;
    const content = async function* (): AsyncGenerator<Uint8Array> {
      while (left > 0) {
        const piece = await bytes.take(left);
        left -= piece.length;
        yield piece;
      }
    };
    const type = String.fromCharCode(header[156]!);
    const isFile = type === "0" || type === "\0";
    yield { name: nameOf(header), isFile, size, content };
    for await (const _ of content());
    for (let padding = -size & BLOCK - 1; padding > 0;) {
      padding -= (await bytes.take(padding)).length;
    }
  }
  await bytes.drain();
}

/** Takes bytes from chunks of any size. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next bytes: at least one, at most `most`. */
  async take(most: number): Promise<Uint8Array> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#chunks.next();
      if (done) throw new SyntaxError(CUT);
      this.#rest = value;
    }
    const taken = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(taken.length);
    return taken;
  }

  /** The next block. */
  async block(): Promise<Uint8Array> {
    const block = new Uint8Array(BLOCK);
    for (let at = 0; at < BLOCK;) {
      const piece = await this.take(BLOCK - at);
      block.set(piece, at);
      at += piece.length;
    }
    return block;
  }

  /** Reads the rest, so that the source can check it. */
  async drain(): Promise<void> {
    while (!(await this.#chunks.next()).done);
  }
}

/** The sum of a header's bytes, its own place taken as spaces. */
function checkSum(header: Uint8Array): void {
  const sum = header.reduce(
    (sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte),
    0,
  );
  if (octal(header.subarray(148, 156)) === sum) return;
  throw new SyntaxError("an entry whose checksum is wrong");
}

/** A number in octal digits. */
function octal(field: Uint8Array): number {
  const digits = textOf(field).trim();
  if (/^[0-7]+$/.test(digits)) return parseInt(digits, 8);
  throw new SyntaxError("an entry whose size or checksum is no number");
}

function nameOf(header: Uint8Array): string {
  const isUstar = textOf(header.subarray(257, 262)) === "ustar";
  const prefix = isUstar ? textOf(header.subarray(345, 500)) : "";
  const name = textOf(header.subarray(0, 100));
  return prefix === "" ? name : `${prefix}/${name}`;
}

/** Text up to a zero. */
function textOf(field: Uint8Array): string {
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}
