// The checksum CRC-32C (Castagnoli; RFC 3720, appendix B.4) of the records in TensorFlow's
// files. Deno and Node have only the other CRC-32, that of zlib.

/** Castagnoli's polynomial, its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/** The remainder of every byte. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    const odd = remainder & 1;
    remainder = (remainder >>> 1) ^ (odd ? POLYNOMIAL : 0);
  }
  return remainder;
});

/** The checksum of bytes, from 0 to 4,294,967,295. */
export function crc32c(data: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of data) sum = (sum >>> 8) ^ TABLE[(sum ^ byte) & 0xff]!;
  return (sum ^ 0xffffffff) >>> 0;
}
