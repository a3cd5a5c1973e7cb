// Two processes over the system's MPI, Open MPI and MPICH, where they are installed.

import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { likelyAbis, MPICH, OPEN_MPI } from "../../src/mpi/abi.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** Open MPI as root, on fewer cores than ranks, and beside other processes. */
const OPEN_MPI_WORDS = "--allow-run-as-root --oversubscribe --bind-to none";

const LAUNCHERS = {
  "mpiexec.openmpi": `mpiexec.openmpi ${OPEN_MPI_WORDS}`,
  "mpiexec.mpich": "mpiexec.mpich",
};

function shell(script: string): Deno.Command {
  return new Deno.Command("sh", { args: ["-c", script], cwd: ROOT });
}

async function isInstalled(program: string): Promise<boolean> {
  return (await shell(`command -v ${program}`).output()).success;
}

const hashes = new Set<string>();

for (const [program, launcher] of Object.entries(LAUNCHERS)) {
  const ignore = !await isInstalled(program);
  const name = `two ranks over ${program} train the weights of one process` +
    (ignore ? " (left out: it is not installed)" : "");
  Deno.test({
    name,
    ignore,
    async fn() {
      const { success, stdout, stderr } = await shell(
        `${launcher} -n 2 deno run --no-check --quiet --allow-ffi --allow-env ` +
          "tests/support/train_on_mpi.ts",
      ).output();
      const said = new TextDecoder().decode(stdout);
      assert(success, said + new TextDecoder().decode(stderr));
      const { size, difference, hash } = JSON.parse(said);
      assertEquals(size, 2);
      assert(difference > 0 && difference < 1e-6, `found ${difference}`);
      // Two numbers have one sum, whichever library adds them.
      hashes.add(hash);
      assertEquals(hashes.size, 1);
    },
  });
}

Deno.test("likelyAbis() goes by the variables of launchers", () => {
  const by = (...set: string[]) => likelyAbis((name) => set.includes(name));
  assertEquals(by(), []);
  assertEquals(by("OMPI_COMM_WORLD_SIZE"), [OPEN_MPI, MPICH]);
  assertEquals(by("PMI_RANK"), [MPICH, OPEN_MPI]);
});
