import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { removeIfThere } from "../../src/base/disk.ts";
import { UserError } from "../../src/base/errors.ts";
import { defaultRunPath, RunFolder } from "../../src/runs/run_folder.ts";
import { namesIn, withFolder } from "../support/temporary_folder.ts";
import { EXAMPLE, EXAMPLE_ENVIRONMENT } from "../support/example_experiment.ts";
import { exampleCard } from "../support/example_card.ts";
import { denoArguments } from "../support/small_disk.ts";

const RECORD = { experiment: EXAMPLE, environment: EXAMPLE_ENVIRONMENT };

/** The path of a folder in `folder` that holds the example's run. */
async function startedIn(folder: string): Promise<string> {
  const path = join(folder, "run");
  using _run = await RunFolder.create(path, RECORD);
  return path;
}

Deno.test("defaultRunPath() names recipe and seed in one folder", () => {
  assertEquals(defaultRunPath(EXAMPLE), "runs/shapes-trades-frpat-seed1");
  assertEquals(
    defaultRunPath({ name: "table1/trades", seed: 20 }),
    "runs/table1-trades-seed20",
  );
});

Deno.test("RunFolder.create() makes folders and writes the experiment first", () =>
  withFolder(async (folder) => {
    const path = join(folder, "runs", "deep");
    using run = await RunFolder.create(`${path}/`, RECORD);
    assertEquals(run.files, {
      experiment: `${path}/experiment.json`,
      log: `${path}/log.jsonl`,
      csv: `${path}/log.csv`,
      last: `${path}/last.safetensors`,
      best: `${path}/best.safetensors`,
      card: `${path}/card.json`,
    });
    assertEquals(await namesIn(path), [".lock", "experiment.json"]);
    assertEquals(JSON.parse(await Deno.readTextFile(run.files.experiment)), {
      format: "frpat-run-1",
      ...RECORD,
    });
  }));

Deno.test("RunFolder.open() and resume() give back what create() was given", () =>
  withFolder(async (folder) => {
    const path = await startedIn(folder);
    using read = await RunFolder.open(path);
    using resumed = await RunFolder.resume(path);
    for (const { experiment, environment } of [read, resumed]) {
      assertEquals({ experiment, environment }, RECORD);
    }
  }));

Deno.test("RunFolder.create() refuses a folder with a run, whatever is left of it", () =>
  withFolder(async (folder) => {
    const path = await startedIn(folder);
    const before = await Deno.readTextFile(join(path, "experiment.json"));
    const start = () => RunFolder.create(path, RECORD);
    await assertRejects(
      start,
      Error,
      `Cannot start a run in ${path}: expected a folder without a run but ` +
        "found experiment.json; resume that run, or choose another folder",
    );
    assertEquals(
      await Deno.readTextFile(join(path, "experiment.json")),
      before,
    );
    await Deno.remove(join(path, "experiment.json"));
    for (const name of ["log.jsonl", "last.safetensors"]) {
      await Deno.writeTextFile(join(path, name), "");
    }
    await assertRejects(start, Error, "found log.jsonl, last.safetensors;");
  }));

Deno.test("RunFolder.create() takes a folder with other files and leaves them", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "notes.txt"), "mine");
    using _run = await RunFolder.create(folder, RECORD);
    assertEquals(await Deno.readTextFile(join(folder, "notes.txt")), "mine");
  }));

Deno.test("RunFolder.create() checks the experiment before it makes anything", () =>
  withFolder(async (folder) => {
    const experiment = { ...EXAMPLE, epochs: 0 };
    await assertRejects(
      () => RunFolder.create(join(folder, "a"), { ...RECORD, experiment }),
      UserError,
      "expected epochs",
    );
    assertEquals(await namesIn(folder), []);
  }));

Deno.test("RunFolder.create() says where no folder can be", () =>
  withFolder(async (folder) => {
    const file = join(folder, "file");
    await Deno.writeTextFile(file, "");
    for (const path of [file, join(file, "below")]) {
      await assertRejects(
        () => RunFolder.create(path, RECORD),
        Error,
        `Cannot write ${path}: expected a writable folder but found`,
      );
    }
  }));

Deno.test("a run is trained by one process: create() and resume() exclude each other", () =>
  withFolder(async (folder) => {
    const path = join(folder, "run");
    const holder = await RunFolder.create(path, RECORD);
    const refused =
      `Cannot train in ${path}: expected no other process to train there but ` +
      `found process ${Deno.pid}; wait for it, or choose another folder`;
    await assertRejects(() => RunFolder.resume(path), Error, refused);
    await assertRejects(() => RunFolder.create(path, RECORD), Error, refused);
    using read = await RunFolder.open(path);
    assertEquals(read.experiment, EXAMPLE);
    holder.dispose();
    holder.dispose();
    using _next = await RunFolder.resume(path);
    await assertRejects(() => RunFolder.resume(path), Error, refused);
  }));

Deno.test("a run is free again once its process was killed", () =>
  withFolder(async (folder) => {
    const path = join(folder, "run");
    const args = [...denoArguments("hold_run_folder.ts", folder), path];
    await using child = new Deno.Command("deno", { args, stdout: "piped" })
      .spawn();
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    assertEquals(new TextDecoder().decode(value), String(child.pid));
    await assertRejects(
      () => RunFolder.resume(path),
      Error,
      `found process ${child.pid}`,
    );
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    using run = await RunFolder.resume(path);
    assertEquals(run.experiment, EXAMPLE);
  }));

Deno.test("RunFolder.open() says what is in the way", () =>
  withFolder(async (folder) => {
    const path = await startedIn(folder);
    const file = join(path, "experiment.json");
    const text = await Deno.readTextFile(file);
    const spoiled: readonly [content: string, message: string][] = [
      ["", `Cannot read ${file}: expected JSON but found ""`],
      [text.slice(0, -30), `Cannot read ${file}: expected JSON but found "{`],
      ["[]", `Cannot read ${file}: expected a JSON object but found "[]"`],
      ["{}", "expected the format frpat-run-1 but found none"],
      [
        text.replace("frpat-run-1", "frpat-run-12"),
        'found "frpat-run-12", made by a newer version of this program',
      ],
      [
        text.replace('"epochs"', '"epoch"'),
        `Cannot read ${file}: expected epochs to be a whole number of at least 1 but found`,
      ],
      [
        text.replace('"environment"', '"surroundings"'),
        `Cannot read the environment of ${file}: expected a JSON object`,
      ],
      [
        text.replace('"weightDecay"', '"weight_decay"'),
        `Cannot read ${file}: expected optimizer.weightDecay to be a number`,
      ],
      [
        text.replace('"contents"', '"content"'),
        `Cannot read the environment of ${file}: expected dataset.contents to be`,
      ],
    ];
    for (const [content, message] of spoiled) {
      await Deno.writeTextFile(file, content);
      const error = await assertRejects(
        () => RunFolder.open(path),
        UserError,
      );
      assertStringIncludes(error.message, message);
      await assertRejects(() => RunFolder.resume(path), UserError);
    }
  }));

Deno.test("RunFolder refuses symbolic links in a run's folder, and follows none", () =>
  withFolder(async (folder) => {
    const target = join(folder, "precious");
    await Deno.writeTextFile(target, "contents");
    const path = await startedIn(folder);
    for (const name of [".lock", "log.jsonl", "figures", "anything"]) {
      const link = join(path, name);
      await removeIfThere(link);
      await Deno.symlink(target, link);
      const message =
        `Cannot use ${link}: expected a file or folder of its own`;
      for (const open of [RunFolder.open, RunFolder.resume]) {
        await assertRejects(() => open(path), UserError, message);
      }
      await Deno.remove(link);
    }
    const fresh = join(folder, "fresh");
    await Deno.mkdir(fresh);
    await Deno.symlink(target, join(fresh, ".lock"));
    const record = { experiment: EXAMPLE, environment: EXAMPLE_ENVIRONMENT };
    await assertRejects(() => RunFolder.create(fresh, record), UserError);
    assertEquals(await Deno.readTextFile(target), "contents");
  }));

Deno.test("readCard() names what of a damaged card is wrong", () =>
  withFolder(async (folder) => {
    using run = await RunFolder.open(await startedIn(folder));
    const card = JSON.stringify(exampleCard());
    const spoiled: readonly [content: string, message: string][] = [
      ["{", "expected JSON"],
      [
        card.replace('"clean":', '"cleen":'),
        "best.student.clean to be a number",
      ],
      [card.replace('"last":{', '"last":[],"x":{'), "last to be a JSON object"],
      [card.replace('"warnings"', '"warning"'), "expected warnings to be"],
    ];
    for (const [content, message] of spoiled) {
      await Deno.writeTextFile(run.files.card, content);
      await assertRejects(() => run.readCard(), UserError, message);
    }
  }));

Deno.test("RunFolder.open() tells a folder without a run from none at all", () =>
  withFolder(async (folder) => {
    const cases = [
      [folder, "no experiment.json in it"],
      [join(folder, "none"), "nothing"],
    ] as const;
    for (const [path, found] of cases) {
      await assertRejects(
        () => RunFolder.resume(path),
        Error,
        `Cannot open ${path}: expected the folder of a run but found ${found}`,
      );
    }
    assertEquals(await namesIn(folder), []);
  }));

Deno.test("readCard() is null before writeCard(), and then what it wrote", () =>
  withFolder(async (folder) => {
    const path = await startedIn(folder);
    using run = await RunFolder.open(path);
    assertEquals(await run.readCard(), null);
    const card = exampleCard();
    await run.writeCard(card);
    assertEquals(await run.readCard(), card);
    const newer = JSON.stringify({ ...card, format: "frpat-card-2" });
    await Deno.writeTextFile(run.files.card, newer);
    await assertRejects(() => run.readCard(), UserError, "newer version");
  }));
