// The pages as HTML: what they say, that they need nothing else, and that they
// keep to the standard.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { HtmlValidate, StaticConfigLoader } from "npm:html-validate@11.21.1";
import { report } from "../../src/report/report.ts";
import { withFolder } from "../support/temporary_folder.ts";
import { exampleRun } from "../support/example_run.ts";

/** What the validator has against a page, a line each. */
async function mistakes(page: string): Promise<string[]> {
  const loader = new StaticConfigLoader([], {
    extends: ["html-validate:recommended"],
    root: true,
  });
  const { results } = await new HtmlValidate(loader).validateString(page);
  return results.flatMap(({ messages }) =>
    messages.map(({ line, ruleId, message }) => `${line} ${ruleId} ${message}`)
  );
}

/** The text of a page's cells, row by row. */
function cells(page: string): string[][] {
  return [...page.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row!.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell!)
  );
}

Deno.test("report() tells a finished run's result beside what is reported", () =>
  withFolder(async (folder) => {
    const run = `${folder}/run`;
    await exampleRun(run, { epochs: 12 });
    const page = await report([run]);
    assertEquals(await mistakes(page), []);
    const rows = cells(page);
    const row = (network: string, images: string) =>
      rows.find(([a, b]) => a === network && b === images);
    assertEquals(row("network", "attack"), [
      "network",
      "attack",
      "epsilon",
      "step",
      "images",
      "best (epoch\u00a09)",
      "last (epoch\u00a012)",
      "GAP",
      "reported",
    ]);
    assertEquals(row("student", "clean")?.slice(5), [
      "87.31",
      "88.15",
      "-0.84",
      "87.30",
    ]);
    assertEquals(row("student", "AutoAttack")?.slice(5), [
      "-",
      "-",
      "-",
      "53.09",
    ]);
    assert(page.includes("finished, 12 epochs; begun 2026-01-01 00:00 UTC"));
    assert(page.includes("<summary>Features and limits of the GPU</summary>"));
    assert(page.includes("run: 12 epochs of 61.3 s, seed 1."));
    assert(page.includes("The best epoch was chosen on 128 images."));
    assertEquals(rows.find(([key]) => key === "objective.beta"), [
      "objective.beta",
      "6",
    ]);
    assertEquals(rows.find(([key]) => key === "adapter.description"), [
      "adapter.description",
      "A processor",
    ]);
  }));

Deno.test("report() has a curve for every kind of measurement, and the figures", () =>
  withFolder(async (folder) => {
    const run = `${folder}/run`;
    await exampleRun(run, { epochs: 12 });
    const page = await report([run]);
    const pictures = [
      ...page.matchAll(/<img\s+src="([^"]*)"\s+alt="([^"]*)"/g),
    ];
    assertEquals(pictures.map(([, , alt]) => alt!.split(".")[0]), [
      "Training loss by term",
      "Accuracy on training batches",
      "Accuracy on held-out images",
      "Learning rate",
      "Weight of the regularizer, λ",
      "Accuracy &lt;by&gt; &quot;class&quot;",
    ]);
    for (const [, source] of pictures) {
      assert(source!.startsWith("data:image/svg+xml;base64,"));
    }
    assert(
      !/<script|https?:\/\/(?!www\.w3\.org)/.test(page),
      "needs nothing else",
    );
  }));

Deno.test("report() tells of a run that has only begun", () =>
  withFolder(async (folder) => {
    const run = `${folder}/run`;
    await exampleRun(run, { epochs: 0 });
    const page = await report([run]);
    assertEquals(await mistakes(page), []);
    assert(page.includes("There is no result yet."));
    assert(page.includes("Nothing has been measured yet."));
    assert(page.includes("epoch 0 of 12, step 0"));
  }));

Deno.test("report() puts several runs side by side, and the paper's figures below", () =>
  withFolder(async (folder) => {
    const runs = [1, 2].map((seed) => `${folder}/${seed}`);
    await exampleRun(runs[0]!, { epochs: 12 });
    await exampleRun(runs[1]!, { epochs: 3, seed: 2 });
    const page = await report(runs);
    assertEquals(await mistakes(page), []);
    const rows = cells(page);
    assertEquals(rows[0]!.slice(0, 5), [
      "experiment",
      "result",
      "clean, 10,000 images: best",
      "clean, 10,000 images: last",
      "clean, 10,000 images: GAP",
    ]);
    assertEquals(rows[1]!.slice(1, 5), [
      "measured, seed 1",
      "87.31",
      "88.15",
      "-0.84",
    ]);
    assertEquals(rows[2]!.slice(1, 5), ["reported", "87.30", "-", "-"]);
    assertEquals(rows[3]!.slice(1, 4), ["measured, seed 2", "-", "-"]);
    assert(page.includes("shapes-trades-frpat, seed 2"));
    const pictures = [...page.matchAll(/alt="([^."]*)/g)].map(([, title]) =>
      title
    );
    assertEquals(pictures, [
      "Held-out images: clean",
      "Held-out images: pgd20",
    ]);
  }));

Deno.test("report() refuses a folder without a run", () =>
  withFolder(async (folder) => {
    await assertRejects(
      () => report([folder]),
      Error,
      "expected the folder of a run but found no experiment.json in it",
    );
  }));
