// The pages in a real browser: nothing fails to load, they are fit for everybody as
// far as axe can tell, and the live one grows.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createRequire } from "node:module";
import "npm:axe-core@4.14.1/package.json" with { type: "json" };
import { LiveServer } from "../../src/report/live_server.ts";
import { report } from "../../src/report/report.ts";
import { RunLog } from "../../src/runs/run_log.ts";
import { withFolder } from "../support/temporary_folder.ts";
import { Browser, hasBrowser } from "../support/browser.ts";
import { epochLines, exampleRun } from "../support/example_run.ts";

const present = await hasBrowser();
const condition = present ? "" : " (left out: no chromium on PATH)";

/** The program of axe, which is for pages and not for this process. */
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe finds in the page, as JSON. */
const AUDIT = `axe.run(document).then(({ violations, passes }) =>
  JSON.stringify({
    passes: passes.length,
    violations: violations.map(({ id, nodes }) =>
      id + ": " + nodes.map(({ html }) => html).join(" ")),
  }))`;

/** How wide the page is, and names of settings that are broken into many lines. */
const WIDTHS = `JSON.stringify({
  page: document.documentElement.scrollWidth,
  tall: [...document.querySelectorAll(".settings th")]
    .filter((th) => th.getBoundingClientRect().height > 60)
    .map((th) => th.textContent),
})`;

/** Where the head and the first number of the first GAP end. */
const GAP = `(() => {
  const head = [...document.querySelectorAll("th.number")];
  const at = head.findIndex((th) => th.textContent.endsWith("GAP"));
  const cells = document.querySelectorAll("tbody tr")[0].querySelectorAll("td");
  return Math.max(...[head[at], cells[at]].map((cell) =>
    cell.getBoundingClientRect().right));
})()`;

/** The color of the first picture's corner, when it becomes the one that is expected. */
const cornerLike = (expected: string): string =>
  `new Promise((resolve) => {
    const context = document.createElement("canvas").getContext("2d");
    const end = Date.now() + 10000;
    const look = () => {
      context.drawImage(document.images[0], 0, 0);
      const color = [...context.getImageData(2, 2, 1, 1).data].slice(0, 3).join();
      if (color === "${expected}" || Date.now() > end) resolve(color);
      else setTimeout(look, 50);
    };
    look();
  })`;

/** The names of a row with an attack, as they are shown. */
const ROW_NAMES = `[...document.querySelectorAll(".results tbody tr")]
  .map((row) => [...row.querySelectorAll("th")].map((th) =>
    getComputedStyle(th, "::before").content + th.textContent).join(""))
  .find((names) => names.includes("8/255"))`;
const EXPECTED_NAMES = `nonestudent", "fgsm", epsilon "8/255", images "1,000`;

Deno.test({
  name: `report() passes a browser's and axe's looks${condition}`,
  ignore: !present,
  fn: () =>
    withFolder(async (folder) => {
      const runs = [1, 2].map((seed) => `${folder}/run${seed}`);
      await exampleRun(runs[0]!, { epochs: 12 });
      await exampleRun(runs[1]!, { epochs: 3, seed: 2 });
      await using browser = await Browser.start();
      for (const shown of [[runs[0]!], [runs[1]!], runs]) {
        const file = `${folder}/report.html`;
        await Deno.writeTextFile(file, await report(shown));
        const page = await browser.open(`file://${file}`);
        await page.evaluate(`${await Deno.readTextFile(AXE)}; 0`);
        const { passes, violations } = JSON.parse(
          String(await page.evaluate(AUDIT)),
        );
        assertEquals(violations, []);
        assert(passes > 10, `${passes} of axe's rules applied`);
        const broken = await page.evaluate(
          `[...document.images].filter((i) => i.naturalWidth === 0).length`,
        );
        assertEquals(broken, 0);
        assertEquals(page.complaints, []);
        await page.close();
      }
    }),
});

Deno.test({
  name: `report() is read on a telephone, and on dark pages${condition}`,
  ignore: !present,
  fn: () =>
    withFolder(async (folder) => {
      const run = `${folder}/run`;
      await exampleRun(run, { epochs: 12 });
      await exampleRun(`${run}2`, { epochs: 12, seed: 2 });
      const file = `${folder}/report.html`;
      await using browser = await Browser.start();
      for (const runs of [[run, `${run}2`], [run]]) {
        await Deno.writeTextFile(file, await report(runs));
        const page = await browser.open(`file://${file}`);
        await page.show({ width: 390, scheme: "light" });
        assertEquals(await page.evaluate(WIDTHS), '{"page":390,"tall":[]}');
        const gap = Number(await page.evaluate(GAP));
        assert(gap > 0 && gap <= 390, `GAP ends at ${gap}`);
        await page.close();
      }
      const page = await browser.open(`file://${file}`);
      await page.show({ width: 390, scheme: "light" });
      assertEquals(await page.evaluate(ROW_NAMES), EXPECTED_NAMES);
      assertEquals(
        await page.evaluate(cornerLike("255,255,255")),
        "255,255,255",
      );
      await page.show({ width: 390, scheme: "dark" });
      assertEquals(await page.evaluate(cornerLike("27,27,27")), "27,27,27");
      const folded = "document.querySelector('details').open";
      assertEquals(await page.evaluate(folded), false);
    }),
});

Deno.test({
  name: `LiveServer's page grows while it is open, and outlives being closed` +
    condition,
  ignore: !present,
  fn: () =>
    withFolder(async (folder) => {
      const run = `${folder}/run`;
      await exampleRun(run, { epochs: 2 });
      using server = await LiveServer.start({ run, port: 0 });
      using log = await RunLog.open(`${run}/log.jsonl`, { step: 28 });
      await using browser = await Browser.start();
      const status = 'document.querySelector(".status").textContent';
      for (let opened = 0; opened < 9; opened++) {
        const page = await browser.open(server.url);
        assertStringIncludes(
          String(await page.evaluate(status)),
          "epoch 2 of 12, step 28 of 168; 17 images/s, about 9 min",
        );
        await page.close();
      }
      const page = await browser.open(server.url);
      for (const line of epochLines(3)) log.append(line);
      const grown = await page.evaluate(`new Promise((resolve) => {
        const end = Date.now() + 20000;
        const look = () => {
          const text = ${status};
          if (text.startsWith("epoch 3") || Date.now() > end) resolve(text);
          else setTimeout(look, 100);
        };
        look();
      })`);
      assertStringIncludes(String(grown), "epoch 3 of 12, step 42 of 168");
      const titles = await page.evaluate(
        `[...document.images].map(({ alt }) => alt).join()`,
      );
      assertStringIncludes(String(titles), "Training loss by step");
      assertEquals(page.complaints, []);
    }),
});
