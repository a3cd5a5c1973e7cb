import { assertAlmostEquals } from "@std/assert";
import {
  exchangeSeconds,
  ringSeconds,
  scalingOf,
  WAIT,
} from "../../bench/ranks_model.ts";

const rates = { bytes: 185e6, host: 1e12, network: 10e9, latency: 0 };

Deno.test("ringSeconds() sends 2 (R - 1) / R of the bytes", () => {
  assertAlmostEquals(ringSeconds(rates, 2), 0.148);
  assertAlmostEquals(ringSeconds(rates, 64), 0.148 * 2 * 63 / 64);
});

Deno.test("scalingOf() tells what an exchange costs", () => {
  const seconds = exchangeSeconds(rates, 4);
  assertAlmostEquals(seconds, WAIT + 0.222, 1e-3);
  const { share, weak, strong } = scalingOf(rates, { seconds, ranks: 4 });
  assertAlmostEquals(share, 0.5);
  assertAlmostEquals(weak, 2);
  assertAlmostEquals(strong, 0.8);
});
