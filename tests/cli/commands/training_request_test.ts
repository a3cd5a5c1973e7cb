// What is said to a run that ended by an error, where it can go on.

import { assert, assertEquals } from "@std/assert";
import { DeviceError, OutOfMemoryError } from "../../../src/base/errors.ts";
import {
  type TrainingRequest,
  withWayOn,
} from "../../../src/cli/commands/training_request.ts";
import { withFolder } from "../../support/temporary_folder.ts";

const LOST = "Cannot use the GPU: expected it to answer but found it lost";

Deno.test("a run whose device was lost is told how it goes on from its checkpoint", () =>
  withFolder(async (path) => {
    const request = {
      path,
      data: "images",
      strict: true,
      keepGoing: false,
      tensorboard: false,
      measureWords: ["--attack=cw-20"],
    } as unknown as TrainingRequest;
    const lost = new DeviceError(LOST);
    // Nothing was saved yet.
    assert(await withWayOn(lost, request) === lost);
    await Deno.writeTextFile(`${path}/last.safetensors`, "");
    const told = await withWayOn(lost, request) as DeviceError;
    assertEquals(told instanceof DeviceError, true);
    assertEquals(
      told.message,
      `${LOST}\nThe run goes on from its last checkpoint by\n  deno task train ` +
        `--resume --out ${path} --attack=cw-20 --data images --strict`,
    );
    // It would run out of memory again, and other errors are no device's.
    for (const other of [new OutOfMemoryError("full"), new TypeError("no")]) {
      assert(await withWayOn(other, request) === other);
    }
  }));
