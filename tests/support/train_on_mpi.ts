// One rank of a small training over MPI. Rank 0 prints how far its weights are from those
// of one process, and their hash.

import { sha256 } from "../../src/data/dataset.ts";
import { Device } from "../../src/gpu/device.ts";
import { openMpi } from "../../src/mpi/mpi.ts";
import { trainRank } from "./rank_training.ts";

const communicator = openMpi((variable) => Deno.env.get(variable));
const training = { steps: 20 };
using device = await Device.open();
const { weights } = await trainRank(device, communicator, training);
await communicator.close();
if (communicator.rank === 0) {
  const alone = await trainRank(device, null, training);
  const difference = weights.reduce(
    (most, x, i) => Math.max(most, Math.abs(x - alone.weights[i]!)),
    0,
  );
  const { engine, size } = communicator;
  const hash = await sha256(new Uint8Array(weights.slice().buffer));
  const said = JSON.stringify({ engine, size, difference, hash });
  Deno.stdout.writeSync(new TextEncoder().encode(said));
}
