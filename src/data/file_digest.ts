// The digest of a file, piece by piece, so that the file may be larger than memory.
// MD5, which WebCrypto lacks, is what some publishers give: it tells a damaged file, and
// not one that was forged.

import { createHash } from "node:crypto";

/** How to compute a digest. */
export type DigestName = "sha256" | "md5";

/** The digest of the file at `path`, in hexadecimal. */
export async function fileDigest(
  path: string,
  name: DigestName,
): Promise<string> {
  const hash = createHash(name);
  const file = await Deno.open(path);
  for await (const piece of file.readable) hash.update(piece);
  return hash.digest("hex");
}
