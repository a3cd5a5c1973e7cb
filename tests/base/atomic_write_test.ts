// What the machine can do to a file while it is written: end the process at any
// moment, run out of space, refuse. Programs beside this file are ended and
// starved for real.

import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { writeAtomically } from "../../src/base/atomic_write.ts";
import { loadCheckpoint } from "../../src/runs/checkpoint.ts";
import { namesIn, withFolder } from "../support/temporary_folder.ts";
import { EXAMPLE } from "../support/example_experiment.ts";
import { denoArguments, DISKS, runOn } from "../support/small_disk.ts";

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

Deno.test("writeAtomically() makes a file, replaces it, and leaves nothing else", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a.json");
    for (const content of ["the first", "2nd", ""]) {
      await writeAtomically(path, text(content));
      assertEquals(await Deno.readTextFile(path), content);
      assertEquals(await namesIn(folder), ["a.json"]);
    }
  }));

Deno.test("writeAtomically() writes every byte of a large file", () =>
  withFolder(async (folder) => {
    const path = join(folder, "large");
    const words = Uint32Array.from({ length: 9 << 20 }, (_, i) => i);
    const bytes = new Uint8Array(words.buffer);
    await writeAtomically(path, bytes);
    assertEquals(await Deno.readFile(path), bytes);
  }));

Deno.test("writeAtomically() takes a name without a folder", () =>
  withFolder(async (folder) => {
    const module = new URL("../../src/base/atomic_write.ts", import.meta.url);
    const code = `import { writeAtomically } from "${module}";
      await writeAtomically("name", new Uint8Array(3));`;
    const path = join(folder, "program.ts");
    await Deno.writeTextFile(path, code);
    const args = ["run", "--no-config", "--allow-read=.", "--allow-write=."];
    const { success } = await new Deno.Command("deno", {
      args: [...args, path],
      cwd: folder,
    }).output();
    assert(success);
    assertEquals((await Deno.readFile(join(folder, "name"))).length, 3);
  }));

Deno.test("writeAtomically() removes what killed writers left of this file alone", () =>
  withFolder(async (folder) => {
    const names = [
      "a.json.0123abcd.partial",
      "a.json.old.partial",
      "a.json.partial",
      "b.a.json.0123abcd.partial",
      "b.json.0123abcd.partial",
    ];
    for (const name of names) await Deno.writeTextFile(join(folder, name), "x");
    await writeAtomically(join(folder, "a.json"), text("new"));
    assertEquals(await namesIn(folder), ["a.json", ...names.slice(1)]);
  }));

Deno.test("writeAtomically() never mixes the contents of two writes at once", () =>
  withFolder(async (folder) => {
    const path = join(folder, "a");
    const writes = Array.from(
      { length: 8 },
      (_, i) => writeAtomically(path, new Uint8Array(100_000).fill(i)),
    );
    const outcomes = await Promise.allSettled(writes);
    const bytes = await Deno.readFile(path);
    assertEquals(bytes, new Uint8Array(100_000).fill(bytes[0]!));
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") continue;
      assertStringIncludes(
        outcome.reason.message,
        "one write at a time but found",
      );
    }
    assertEquals(await namesIn(folder), ["a"]);
  }));

Deno.test("writeAtomically() says where it cannot write and leaves nothing", () =>
  withFolder(async (folder) => {
    const taken = join(folder, "taken");
    await Deno.mkdir(join(taken, "deep"), { recursive: true });
    await Deno.writeTextFile(join(folder, "file"), "kept");
    const places = [
      [taken, "directory"],
      [join(folder, "none", "a"), "No such file"],
      [join(folder, "file", "a"), "a writable folder but found"],
    ] as const;
    for (const [path, reason] of places) {
      const error = await assertRejects(
        () => writeAtomically(path, text("new")),
        Error,
        `Cannot write ${path}: expected `,
      );
      assertStringIncludes(error.message.toLowerCase(), reason.toLowerCase());
    }
    assertEquals(await namesIn(folder), ["file", "taken"]);
    assertEquals(await Deno.readTextFile(join(folder, "file")), "kept");
  }));

Deno.test("saveCheckpoint() leaves a whole file whenever its process is killed", () =>
  withFolder(async (folder) => {
    const path = join(folder, "last.safetensors");
    let saved = 0;
    for (let kill = 0; kill < 20; kill++) {
      const args = [...denoArguments("write_until_killed.ts", folder), path];
      await using child = new Deno.Command("deno", { args, stdout: "piped" })
        .spawn();
      const reader = child.stdout.getReader();
      await reader.read();
      await new Promise((resolve) => setTimeout(resolve, 60 * Math.random()));
      child.kill("SIGKILL");
      assertEquals((await child.status).signal, "SIGKILL");
      await reader.cancel();

      const { step, metrics, experiment, tensors } = await loadCheckpoint(path);
      assert(
        step > saved,
        `expected progress but found ${step} after ${saved}`,
      );
      saved = step;
      assertEquals(metrics, { step });
      assertEquals(experiment, EXAMPLE);
      const { data } = tensors.student!.get("weight")!;
      assertEquals(data.length, 1 << 20);
      assert(data.every((value) => value === step), "two versions are mixed");
    }
    await writeAtomically(path, text("done"));
    assertEquals(await namesIn(folder), ["last.safetensors"]);
  }));

for (const disk of DISKS) {
  Deno.test({
    name: `writeAtomically() changes nothing on ${disk.name}${disk.absence}`,
    ignore: disk.absence !== "",
    fn: () =>
      withFolder(async (folder) => {
        await Deno.writeTextFile(join(folder, "file"), "old");
        const found = await runOn(disk, { folder, program: "write_large.ts" });
        const { message, ...rest } = JSON.parse(found);
        assertStringIncludes(message, `Cannot write ${folder}/file: expected`);
        assertStringIncludes(message, disk.complaint);
        assertEquals(rest, { names: ["file"], content: "old" });
      }),
  });
}
