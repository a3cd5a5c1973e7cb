// The pages in a real browser: nothing fails to load, they are fit for everybody as
// far as axe can tell, and the live one grows.

import { assert, assertEquals } from "@std/assert";
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
        assertEquals(await page.evaluate(status), "epoch 2 of 12, step 28");
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
      assertEquals(grown, "epoch 3 of 12, step 42");
      assertEquals(page.complaints, []);
    }),
});
