import { assertEquals } from "@std/assert";
import {
  messageIn,
  passOn,
  TRAIN_FLAGS,
} from "../../../src/cli/commands/train_process.ts";

Deno.test("a sweep's runs may do what the task train may", async () => {
  const file = new URL("../../../deno.json", import.meta.url);
  const { tasks } = JSON.parse(await Deno.readTextFile(file));
  assertEquals(tasks.train.command.split(" "), [
    "deno",
    "run",
    ...TRAIN_FLAGS,
    "cli.ts",
    "train",
  ]);
});

const SAID: readonly [said: string, message: string][] = [
  ["", "no message"],
  [
    "Warning: slow\nCannot load CIFAR-10: expected a but found b\nhint: do c\n",
    "Cannot load CIFAR-10: expected a but found b hint: do c",
  ],
  ["The GPU reported an error: lost\n", "The GPU reported an error: lost"],
  [
    "Note: x\nthread 'main' panicked at src/main.rs:1:\nDevice lost\n",
    "thread 'main' panicked at src/main.rs:1: Device lost",
  ],
  ["one\ntwo\n", "two"],
  [`Cannot ${"a".repeat(400)}`, `Cannot ${"a".repeat(292)}…`],
];

for (const [said, message] of SAID) {
  Deno.test(`messageIn() finds ${JSON.stringify(message.slice(0, 40))}`, () => {
    assertEquals(messageIn(said), message);
  });
}

Deno.test("passOn() puts a prefix before whole lines", async () => {
  const parts = ["one\ntw", "o\n", "thr", "ee"];
  const encoder = new TextEncoder();
  let written = "";
  const said = await passOn(
    ReadableStream.from(parts.map((part) => encoder.encode(part))),
    {
      prefix: "[2] ",
      to: {
        write(bytes) {
          // Less than all, as a full pipe takes.
          written += new TextDecoder().decode(bytes.subarray(0, 3));
          return Promise.resolve(Math.min(3, bytes.length));
        },
      },
    },
  );
  assertEquals(written, "[2] one\n[2] two\n[2] three\n");
  assertEquals(said, parts.join(""));
});
