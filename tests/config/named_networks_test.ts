// Names of networks in the spellings of the field, normalizations and balls.

import { assertEquals, assertThrows } from "@std/assert";
import { namedNetwork, networkName } from "../../src/config/named_networks.ts";
import { namedNormalization } from "../../src/config/named_normalizations.ts";
import {
  namedDataset,
  standardEvaluation,
} from "../../src/evaluation/standard_evaluation.ts";
import { UsageError } from "../../src/base/errors.ts";

Deno.test("networkName() gives the name that namedNetwork() knows an architecture by", () => {
  const names = [
    "resnet8",
    "resnet8-8",
    "wide-resnet-34-10",
    "dm-wide-resnet-70-16",
    "dm-wide-resnet-28-10-relu",
    "dm-preact-resnet18",
    "preact-resnet18",
  ];
  for (const name of names) {
    const found = networkName(namedNetwork(name));
    assertEquals(namedNetwork(found), namedNetwork(name), name);
  }
  assertEquals(networkName({ network: "resnet8", width: 8 }), "resnet8-8");
});

Deno.test("namedNetwork() knows a network by each of its spellings", () => {
  const wide = { network: "wide-resnet", depth: 34, width: 10 } as const;
  const deepMind = {
    network: "dm-wide-resnet",
    depth: 70,
    width: 16,
    activation: "silu",
  } as const;
  const names = {
    "wide-resnet-34-10": wide,
    "WideResNet-34-10": wide,
    "wrn-34-10": wide,
    "WRN_34_10": wide,
    "dm-wide-resnet-70-16": deepMind,
    "DM-WRN-70-16-swish": deepMind,
    "dm-wrn-70-16-relu": { ...deepMind, activation: "relu" },
    "resnet18": { network: "resnet18" },
    "ResNet-18": { network: "resnet18" },
    "resnet50": { network: "resnet50" },
    "PreActResNet-18": { network: "preact-resnet18" },
    "preact-resnet18-v2": { network: "preact-resnet18-v2" },
    "preactresnet18-no-bn": { network: "preact-resnet18-no-bn" },
    "dm-preact-resnet18": { network: "dm-preact-resnet18", activation: "silu" },
    "dm-preact-resnet-18-relu": {
      network: "dm-preact-resnet18",
      activation: "relu",
    },
    "resnet18-lbgat": { network: "resnet18-lbgat" },
    "resnet8": { network: "resnet8", width: 16 },
    "resnet8-2": { network: "resnet8", width: 2 },
  };
  for (const [name, config] of Object.entries(names)) {
    assertEquals(namedNetwork(name), config, name);
  }
});

Deno.test("namedNetwork() refuses what it does not know, and says what is near", () => {
  for (const name of ["resnet34", "wide-resnet", "wrn-34-10-silu", ""]) {
    assertThrows(
      () => namedNetwork(name),
      UsageError,
      "expected a name such as",
    );
  }
  assertThrows(
    () => namedNetwork("wide-resnet-34-1O"),
    UsageError,
    "did you mean wide-resnet-34-10?",
  );
});

Deno.test("namedNormalization() knows data sets and numbers", () => {
  assertEquals(namedNormalization("none"), null);
  assertEquals(namedNormalization("cifar10")?.std, [0.2471, 0.2435, 0.2616]);
  assertEquals(namedNormalization("0.5,0.4,0.3/1,2,3"), {
    mean: [0.5, 0.4, 0.3],
    std: [1, 2, 3],
  });
  for (
    const text of ["1,2,3", "1,2,3/1,0,1", "1,2/1,2", "1,,3/1,2,3", "cifar"]
  ) {
    assertThrows(
      () => namedNormalization(text),
      UsageError,
      `but found ${text}`,
    );
  }
});

Deno.test("standardEvaluation() is RobustBench's ball unless told otherwise", () => {
  const pgd = (ball: Parameters<typeof standardEvaluation>[0]) => {
    const attack = standardEvaluation(ball).attacks["pgd-20"]!;
    return attack.method === "pgd" &&
      [attack.norm, attack.epsilon, attack.stepSize, attack.steps];
  };
  assertEquals(pgd({}), ["linf", "8/255", "2/255", 20]);
  assertEquals(pgd({ epsilon: "0.031" }), ["linf", "0.031", "0.00775", 20]);
  assertEquals(pgd({ norm: "L2" }), ["l2", "0.5", "0.125", 20]);
  assertEquals(pgd({ epsilon: "0.031", stepSize: "0.003" }), [
    ...["linf", "0.031", "0.003", 20],
  ]);
  for (
    const wrong of [{ norm: "l1" }, { epsilon: "8" + "/" }, { stepSize: "0" }]
  ) {
    assertThrows(() => standardEvaluation(wrong), UsageError, "but found");
  }
});

Deno.test("namedDataset() knows the sets, and no others", () => {
  assertEquals(namedDataset("CIFAR-10"), { dataset: "cifar10" });
  assertEquals(namedDataset("cifar100"), { dataset: "cifar100" });
  assertThrows(
    () => namedDataset("cifar1"),
    UsageError,
    "did you mean cifar10 or cifar100?",
  );
});
