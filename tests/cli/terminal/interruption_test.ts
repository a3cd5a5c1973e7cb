// Signals end up in every test of a process, so each case is a process of its own.

import { assertEquals } from "@std/assert";

const MODULE =
  new URL("../../../src/cli/terminal/interruption.ts", import.meta.url).href;

/** Runs a program with an {@linkcode Interruption}, and sends it what it asks for. */
async function said(program: string, signal: Deno.Signal): Promise<string> {
  const child = new Deno.Command("deno", {
    args: ["eval", `import { Interruption } from "${MODULE}";\n${program}`],
    stdout: "piped",
    stderr: "inherit",
    stdin: "null",
  }).spawn();
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    for (const _ of part.matchAll(/now\n/g)) child.kill(signal);
    text += part;
  }
  await child.status;
  return text.replaceAll("now\n", "").trimEnd().replaceAll("\n", ", ");
}

const LISTEN = `
  const interruption = new Interruption({
    onFirst: () => console.log("first", interruption.signal.aborted),
    onSecond: () => console.log("second"),
  });
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
`;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR1"] as const) {
  Deno.test(`Interruption aborts its signal at the first ${signal}, and knows the next`, async () => {
    const program = `${LISTEN}
      console.log("now"); await wait(1400); console.log("now"); await wait(300);
      interruption.dispose();`;
    assertEquals(await said(program, signal), "first true, second");
  });
}

Deno.test("Interruption takes signals in quick succession for one", async () => {
  const program = `${LISTEN}
    console.log("now"); await wait(200); console.log("now"); await wait(300);
    interruption.dispose();`;
  assertEquals(await said(program, "SIGINT"), "first true");
});

Deno.test("Interruption gives signals back their meaning when it is disposed of", async () => {
  const program = `${LISTEN}
    interruption.dispose();
    console.log("now"); await wait(2000); console.log("survived");`;
  assertEquals(await said(program, "SIGINT"), "");
});

Deno.test("Interruption stops where the program asks for it, once", async () => {
  const program = `${LISTEN}
    interruption.stop(); interruption.stop();
    await wait(1200); console.log("now"); await wait(300);
    interruption.dispose();`;
  assertEquals(await said(program, "SIGHUP"), "first true, second");
});

Deno.test("Interruption leaves signals their meaning until it is to listen, if asked to", async () => {
  const program = (then: string) => `
    const interruption = new Interruption({
      onFirst: () => console.log("first"),
      onSecond: () => {},
      waits: true,
    });
    ${then}
    console.log("now");
    await new Promise((done) => setTimeout(done, 500));
    console.log("survived");
    interruption.dispose();`;
  assertEquals(await said(program(""), "SIGINT"), "");
  const listening = program("interruption.listen(); interruption.listen();");
  assertEquals(await said(listening, "SIGINT"), "first, survived");
});
