// A writer of small .tar.gz archives, so that the tests of unpacking do not
// rest on the library that unpacks: plain POSIX headers, written by hand.

/** One entry of an archive. */
export interface Entry {
  readonly name: string;
  readonly content?: Uint8Array;
  /** The type flag of the header: "0" file, "5" folder, "2" symbolic link. */
  readonly type?: "0" | "2" | "5";
  /** The size that it claims, where that is not its content's. */
  readonly size?: number;
}

/** A gzipped tar archive of `entries`, in their order. */
export async function tarGz(
  entries: readonly Entry[],
): Promise<Uint8Array<ArrayBuffer>> {
  return await gzip(await tar(entries));
}

/** A tar archive of `entries`, in their order. */
export async function tar(
  entries: readonly Entry[],
): Promise<Uint8Array<ArrayBuffer>> {
  const blocks: BlobPart[] = [];
  for (const entry of entries) {
    const { name, content = new Uint8Array(0), type = "0" } = entry;
    const size = entry.size ?? content.length;
    blocks.push(header(name, size, type), content.slice());
    blocks.push(new Uint8Array(-content.length & 511));
  }
  blocks.push(new Uint8Array(1024));
  return await new Blob(blocks).bytes();
}

/** The bytes, compressed. */
export async function gzip(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const packed = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return await new Response(packed).bytes();
}

function header(
  name: string,
  size: number,
  type: string,
): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(512);
  const put = (offset: number, text: string): void => {
    block.set(new TextEncoder().encode(text), offset);
  };
  put(0, name);
  put(100, "0000644\0");
  put(124, size.toString(8).padStart(11, "0") + "\0");
  put(136, "00000000000\0");
  put(156, type);
  put(257, "ustar\x0000");
  // The checksum is taken with spaces in its own place.
  put(148, "        ");
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(148, sum.toString(8).padStart(6, "0") + "\0 ");
  return block;
}
