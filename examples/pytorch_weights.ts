// Someone's PyTorch weights, evaluated: clean accuracy, and accuracy under PGD.
//
//     deno run --allow-read examples/pytorch_weights.ts
//
// The file is what `torch.save(model.state_dict())` wrote. It is read without Python,
// and nothing in it is run. On the command line:
//
//     deno task evaluate FILE --network resnet8-2 --dataset shapes

// deno-lint-ignore-file no-console -- an example prints

import { attacks, Classifier, data, Device, nn } from "../mod.ts";

const FILE = new URL("../tests/fixtures/torch_files/plain.pt", import.meta.url);

// Tensors are found by their names, which are PyTorch's: the network must be the one
// that was saved, or the error lists what is missing, unexpected or of another shape.
using device = await Device.open();
const network = nn.resnet8({ classes: 10, width: 2 });
using model = new Classifier(device, { network, height: 32, width: 32 });
await model.load(FILE.pathname);

// Any images do, as bytes or as numbers in [0, 1]. These need no download.
const { test } = data.shapes({ train: 1, test: 64 });
const pgd = attacks.pgd({
  threat: attacks.linf(8 / 255),
  steps: 5,
  stepSize: 2 / 255,
  start: { kind: "uniform", clip: true },
});
const images = await model.attack(test, pgd); // (64, 32, 32, 3)
const clean = await model.accuracy(test);
const robust = await model.accuracy({ images, labels: test.labels });
console.log(`clean accuracy: ${clean}`);
console.log(`under ${pgd.name}: ${robust}`);
