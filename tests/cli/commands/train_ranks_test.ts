import { assertEquals, assertStringIncludes } from "@std/assert";
import { resumeCommand } from "../../../src/cli/commands/resume_command.ts";
import type { MpiCommunicator } from "../../../src/mpi/mpi.ts";
import { run } from "../../support/program.ts";

Deno.test("train --ranks names the task that has the permission it lacks", async () => {
  const { code, err } = await run("train", "--ranks", "mpi");
  assertEquals(code, 1);
  assertStringIncludes(err, "expected the permission to call the system's MPI");
  assertStringIncludes(err, "mpiexec -n 4 deno task train:ranks");
});

Deno.test("train --ranks refuses another engine, and a dry run", async () => {
  const nccl = await run("train", "--ranks", "nccl");
  assertStringIncludes(nccl.err, "expected --ranks mpi but found --ranks nccl");
  const dry = await run("train", "--ranks", "mpi", "--dry-run");
  assertStringIncludes(dry.err, "expected --dry-run or --ranks but found both");
});

Deno.test("resumeCommand() goes on with as many ranks", () => {
  const asked = {
    path: "runs/x",
    data: undefined,
    strict: false,
    keepGoing: false,
    tensorboard: false,
    measureWords: [],
  };
  const communicator = { size: 4 } as MpiCommunicator;
  const ranks = { communicator, sharesGpu: true, announced: true };
  assertEquals(
    resumeCommand({ ...asked, ranks }),
    "mpiexec -n 4 deno task train:ranks --resume --out runs/x --share-gpu",
  );
});
