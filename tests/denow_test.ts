// How `denow` makes a machine ready, on machines made of stub commands. That the commands
// it calls do what it expects of them is for a real fresh machine to show.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  denowTest as test,
  Machine,
  type MachineOptions,
  READY,
  succeeded,
} from "./support/denow_machine.ts";

const APT = "apt-get --assume-yes --no-install-recommends " +
  "-o DPkg::Lock::Timeout=300";
const BOOKWORM = "http://mirror.example/debian/ bookworm\n";

test(
  "denow runs Deno with the arguments that it was given",
  READY,
  async (machine) => {
    const { stdout } = succeeded(await machine.start(["go", "a b", "*"]));
    assertStringIncludes(stdout, "go a b * ");
  },
);

test("denow ends with the exit code of Deno", READY, async (machine) => {
  assertEquals((await machine.start(["exit", "7"])).code, 7);
});

test(
  "denow installs nothing where everything is there",
  READY,
  async (machine) => {
    const { called } = succeeded(await machine.start());
    assertEquals(called, ["ask gpu", "ask jsr", "install packages"]);
  },
);

test("denow asks nothing on the second start", READY, async (machine) => {
  await machine.start();
  const { called, said } = succeeded(await machine.start());
  assertEquals([called, said], [[], []]);
});

// Packages

test("denow says once that it installs packages", READY, async (machine) => {
  const { said } = succeeded(await machine.start(["info"]));
  assertEquals(said.filter((line) => line.includes("packages")), [
    "installing packages",
  ]);
  const { called, said: again } = succeeded(await machine.start(["info"]));
  assertEquals([called, again], [[], []]);
  Deno.removeSync(machine.path("home/.cache/deno"));
  assertEquals((await machine.start()).called, ["install packages"]);
});

test("denow shows why packages cannot be installed, and tries again", {
  ...READY,
  broken: ["packages"],
}, async (machine) => {
  const { code, said, stdout } = await machine.start(["info"]);
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(said.join("\n"), "error: offline\nCannot install");
  Deno.removeSync(machine.path("world/broken packages"));
  assertEquals(succeeded(await machine.start()).called, ["install packages"]);
});

// Deno

for (const deno of ["2.9.6", "2.9.10", "2.10.0", "3.0.0", "2.9.7+abcdef"]) {
  test(
    `denow uses the Deno on PATH at ${deno}`,
    { ...READY, deno },
    async (machine) => {
      const { called } = succeeded(await machine.start());
      assert(!called.some((call) => call.startsWith("npm")));
    },
  );
}

for (const deno of [null, "2.9.5", "2.8.10", "1.46.3"]) {
  const name = deno ?? "there is none";
  test(`denow installs Deno from npm where PATH has ${name}`, {
    ...READY,
    deno,
  }, async (machine) => {
    const { called, said, stdout } = succeeded(await machine.start());
    assertStringIncludes(called[0] ?? "", "deno@2.9.6");
    assertEquals(said[0], "installing Deno 2.9.6 from npm");
    assertStringIncludes(stdout, "go");
    assertEquals(succeeded(await machine.start()).called, []);
  });
}

test("denow says what to do where there is neither Deno nor npm", {
  deno: null,
  without: ["npm"],
}, async (machine) => {
  const { code, said } = await machine.start();
  assertEquals(code, 1);
  assertStringIncludes(said.join(), "or npm, on PATH but found neither");
});

test("denow stops where npm fails", {
  deno: null,
  broken: ["npm"],
}, async (machine) => {
  const { code, said } = await machine.start();
  assertEquals(code, 1);
  assertStringIncludes(said.join(), "npm.log");
});

Deno.test({
  name: "denow installs Deno once for starts at the same time",
  ignore: Deno.build.os !== "linux", // the one system with flock
}, async () => {
  using machine = new Machine({ ...READY, deno: null });
  const starts = [machine.start(), machine.start(), machine.start()];
  for (const start of await Promise.all(starts)) succeeded(start);
  const called = machine.read("world/called");
  assertEquals(called.match(/^npm/gm)?.length, 1, called);
  assertEquals(called.match(/^ask jsr/gm)?.length, 1, called);
});

// Vulkan

test(
  "denow installs Mesa by apt where no driver answers",
  {},
  async (machine) => {
    const { called, said } = succeeded(await machine.start());
    assertEquals(called.slice(0, 4), [
      "ask gpu",
      `${APT} update`,
      `${APT} install mesa-vulkan-drivers`,
      "ask gpu",
    ]);
    assertEquals(said.slice(0, 3), [
      "no Vulkan driver answers: installing Mesa's with apt",
      "installed mesa-vulkan-drivers 1.0",
      "Vulkan answers: llvmpipe",
    ]);
    assertEquals(succeeded(await machine.start()).called, []);
  },
);

test("denow takes Debian's backports where its Mesa is old", {
  mesa: "22.3.6-1+deb12u2",
  targets: "http://mirror.example/debian/ bookworm-updates\n" + BOOKWORM,
}, async (machine) => {
  const { called } = succeeded(await machine.start());
  const install = called.filter((call) => call.includes(" install "));
  assertEquals(install.length, 1);
  assertStringIncludes(
    install[0] ?? "",
    "--target-release bookworm-backports mesa-vulkan-drivers",
  );
  assertStringIncludes(
    machine.read("world/sources"),
    "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] " +
      "http://mirror.example/debian/ bookworm-backports main\n",
  );
});

test("denow takes the distribution's Mesa where the backports fail", {
  mesa: "22.3.6-1+deb12u2",
  targets: BOOKWORM,
  broken: ["backports"],
}, async (machine) => {
  const { called } = succeeded(await machine.start());
  assert(called.includes(`${APT} install mesa-vulkan-drivers`));
});

test("denow leaves backports alone where Mesa is new", {
  mesa: "25.0.7-2",
  targets: BOOKWORM.replace("bookworm", "trixie"),
}, async (machine) => {
  const { called } = succeeded(await machine.start());
  assertEquals(called.filter((call) => call.includes("backports")), []);
});

test("denow leaves backports alone where the sources are not Debian's", {
  mesa: "21.2.6-0ubuntu0.1~20.04.2",
}, async (machine) => {
  const { called } = succeeded(await machine.start());
  assertEquals(called.filter((call) => call.includes("backports")), []);
  assert(called.includes(`${APT} install mesa-vulkan-drivers`));
});

test(
  "denow uses sudo where it is not root",
  { user: "somebody" },
  async (machine) => {
    const { called } = succeeded(await machine.start());
    const calls = called.filter((call) => /^sudo.* install /.test(call));
    assertEquals(calls.length, 1, called.join("\n"));
  },
);

/** Machines on which a driver cannot be installed, and what denow says. */
const STUCK: readonly [MachineOptions, Record<string, string>, string][] = [
  [{ without: ["apt-get"] }, {}, "there is no apt"],
  [{ user: "somebody", without: ["sudo"] }, {}, "as root, run"],
  [{ broken: ["apt-get install"] }, {}, "apt.log"],
  [{}, { VK_DRIVER_FILES: "/none.json" }, "of those that VK_DRIVER_FILES"],
];

for (const [options, env, message] of STUCK) {
  test(
    `denow goes on without a driver and says "${message}"`,
    options,
    async (machine) => {
      const { said, stdout } = succeeded(await machine.start(["go"], { env }));
      assertStringIncludes(said.join("\n"), message);
      assertStringIncludes(said.join("\n"), "whatever needs a GPU will fail");
      assertStringIncludes(stdout, "go");
      const again = await machine.start(["go"], { env });
      assert(again.called.includes("ask gpu"), "a failure was remembered");
    },
  );
}

test(
  "denow asks for the driver again when the drivers change",
  READY,
  async (machine) => {
    await machine.start();
    const env = { VK_ADD_DRIVER_FILES: "/new.json" };
    assertEquals((await machine.start(["go"], { env })).called, ["ask gpu"]);
  },
);

test(
  "denow chooses Vulkan and gives Mesa its folder",
  READY,
  async (machine) => {
    const { stdout } = succeeded(await machine.start());
    assertEquals(stdout, `go vulkan ${machine.path("project/.deno/run")}`);
    const env = { DENO_WEBGPU_BACKEND: "gl", XDG_RUNTIME_DIR: "/run/user/7" };
    assertEquals(
      (await machine.start(["go"], { env })).stdout,
      "go gl /run/user/7",
    );
  },
);

test("denow leaves the driver to the system where that is not Linux", {
  system: "Darwin",
  jsr: true,
}, async (machine) => {
  const { called, stdout } = succeeded(await machine.start());
  assertEquals([called, stdout], [["ask jsr", "install packages"], "go"]);
});

// @std

test(
  "denow links compat where JSR does not answer",
  { gpu: "a GPU" },
  async (machine) => {
    succeeded(await machine.start());
    assertEquals(Deno.readLinkSync(machine.path("project/.offline")), "compat");
    assertEquals(succeeded(await machine.start()).called, []);
  },
);

test(
  "denow leaves .offline empty where JSR answers",
  READY,
  async (machine) => {
    succeeded(await machine.start());
    assertEquals([...Deno.readDirSync(machine.path("project/.offline"))], []);
  },
);

test(
  "denow asks for JSR again once .offline is removed",
  { gpu: "a GPU" },
  async (machine) => {
    await machine.start();
    Deno.removeSync(machine.path("project/.offline"));
    machine.write("world/jsr", "");
    assertEquals((await machine.start()).called, ["ask jsr"]);
    assert(Deno.statSync(machine.path("project/.offline")).isDirectory);
  },
);
