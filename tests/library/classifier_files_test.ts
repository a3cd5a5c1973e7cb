// Networks written to files and read from them.

import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { UserError } from "../../src/base/errors.ts";
import * as frpat from "../../mod.ts";
import { encodeCheckpoint } from "../../src/runs/checkpoint.ts";
import { decodeSafeTensors } from "../../src/weights/safetensors.ts";
import { testDevice } from "../support/check_op.ts";
import { withFolder } from "../support/temporary_folder.ts";
import { EXAMPLE } from "../support/example_experiment.ts";
import { examples, HEIGHT, small, WIDTH } from "../support/small_classifier.ts";

const { nn } = frpat;

Deno.test("Classifier.load() takes what save() wrote, and a run's student", async () => {
  await withFolder(async (folder) => {
    using first = await small({ seed: 1 });
    using second = await small({ seed: 2 });
    const { images } = examples(4);
    const expected = await first.predict(images);
    assertNotEquals(await second.predict(images), expected);
    const path = join(folder, "first.safetensors");
    await first.save(path);
    await second.load(path);
    assertEquals(await second.predict(images), expected);

    const { tensors } = decodeSafeTensors(await Deno.readFile(path), path);
    const run = join(folder, "last.safetensors");
    const checkpoint = {
      step: 0,
      epoch: 0,
      metrics: {},
      experiment: EXAMPLE,
      tensors: { student: tensors },
    };
    await Deno.writeFile(run, encodeCheckpoint(checkpoint));
    using third = await small({ seed: 3 });
    await third.load(run);
    assertEquals(await third.predict(images), expected);
  });
});

Deno.test("Classifier.load() refuses another network's tensors", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    using model = await small();
    await model.save(path);
    using other = new frpat.Classifier(await testDevice(), {
      network: nn.resnet8({ classes: 3, width: 4 }),
      height: HEIGHT,
      width: WIDTH,
    });
    await assertRejects(() => other.load(path), UserError, "conv.weight");
  });
});

Deno.test("Classifier.load() returns notes on a file with several networks", async () => {
  const file = new URL("../fixtures/torch_files/kinds/ema.pt", import.meta.url);
  using model = new frpat.Classifier(await testDevice(), {
    network: nn.resnet8({ classes: 10, width: 2 }),
    height: 32,
    width: 32,
  });
  const notes = await model.load(file.pathname);
  assertEquals(notes, [
    "The weights are those under model.",
    "Others that fit as well are not read: ema_state_dict; --key NAME reads another.",
  ]);
  const plain = new URL("../fixtures/torch_files/plain.pt", import.meta.url);
  assertEquals(await model.load(plain.pathname), []);
});
