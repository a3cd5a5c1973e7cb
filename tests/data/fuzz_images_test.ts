// Damaged images of every kind: each is decoded to pixels, or refused by an error that
// names the file, and the next sound image is decoded all the same. What is tried is a
// function of its number, so that a failure can be repeated.

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { UserError } from "../../src/base/errors.ts";
import { words } from "../../src/base/random_sequence.ts";
import { decodeImage } from "../../src/data/decode_image.ts";

const FOLDER = fromFileUrl(
  new URL("../fixtures/images/kinds", import.meta.url),
);
const FILES = [...Deno.readDirSync(FOLDER)]
  .map(({ name }) => name).filter((name) => /\.(jpg|png)$/.test(name)).sort()
  .map((name) => Deno.readFileSync(`${FOLDER}/${name}`));

const CASES = 1500;

/** A file that something was done to, by the case's own random numbers. */
function mutated(draw: () => number): Uint8Array<ArrayBuffer> {
  const below = (count: number): number => draw() % count;
  const file = FILES[below(FILES.length)]!;
  const cut = below(file.length);
  switch (below(4)) {
    case 0:
      return file.slice(0, cut);
    case 1:
      return new Uint8Array([
        ...file.slice(0, cut),
        ...file.slice(cut + 1 + below(20)),
      ]);
    case 2: {
      const from = below(file.length);
      const piece = file.slice(from, from + below(60));
      return new Uint8Array([
        ...file.slice(0, cut),
        ...piece,
        ...file.slice(cut),
      ]);
    }
    default: {
      const copy = file.slice();
      for (let flips = 1 + below(4); flips > 0; flips--) {
        copy[below(copy.length)]! ^= 1 << below(8);
      }
      return copy;
    }
  }
}

Deno.test(`decodeImage() decodes or refuses ${CASES} damaged images`, async () => {
  let refused = 0;
  const sound = FILES[0]!;
  const { data } = await decodeImage(sound, "sound.jpg");
  for (let number = 0; number < CASES; number++) {
    const numbers = words({ seed: 1, stream: "images", step: number }, 16);
    let drawn = 0;
    const bytes = mutated(() => numbers[drawn++ % numbers.length]!);
    try {
      const image = await decodeImage(bytes, "x.jpg");
      assertEquals(image.data.length, 3 * image.height * image.width);
    } catch (error) {
      assert(
        error instanceof UserError &&
          error.message.startsWith("Cannot read x.jpg: expected "),
        `case ${number}: ${error}`,
      );
      refused++;
    }
  }
  assertEquals((await decodeImage(sound, "sound.jpg")).data, data);
  assert(refused > CASES / 2, `${refused} refused`);
});
