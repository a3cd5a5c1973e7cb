// A session's ties to those of the other ranks. Rank 0 leads: before each step it says which
// one comes, so that the others know nothing of epochs, checkpoints or stops. Each exchange
// of a step then leaves rank 0 with the state of a run of one process.

import type { Communicator } from "../base/communicator.ts";
import { HostExchange } from "../gpu/host_exchange.ts";
import type { Memory } from "../gpu/memory.ts";
import type { StoredModule } from "./module_tensors.ts";

/** What comes next; null for the end. */
export type Order = { readonly step: number } | null;

/** Steps are sent as two numbers, which f32 holds exactly. */
const HIGH = 2 ** 20;

/** The ties of one session. */
export class SessionRanks {
  readonly communicator: Communicator;
  readonly host: HostExchange;
  /** Called on rank 0 where another rank was asked to stop. */
  onStopAsked: () => void = () => {};
  readonly #memory: Memory;
  readonly #modules: readonly StoredModule[];
  /** Whether the others have to take rank 0's state before the next step. */
  #stateIsNew = true;
  /** Whether a step is under way, in which no order is expected. */
  #inStep = false;

  constructor(
    communicator: Communicator,
    { memory, modules }: {
      readonly memory: Memory;
      readonly modules: readonly StoredModule[];
    },
  ) {
    this.communicator = communicator;
    this.host = new HostExchange(memory.device, communicator);
    this.#memory = memory;
    this.#modules = modules;
  }

  /** Notes that rank 0 has taken another state than that of the last step. */
  stateChanged(): void {
    this.#stateIsNew = true;
  }

  /** On rank 0: tells the others which step comes. */
  async lead(step: number): Promise<void> {
    await this.#order({ step });
  }

  /**
   * On other ranks: waits for what comes next.
   *
   * @param asked Whether this rank was asked to stop, which it passes on to rank 0.
   */
  async follow(asked: boolean): Promise<Order> {
    return await this.#order(null, asked);
  }

  /** Runs a step that was ordered. */
  async run(step: () => Promise<void>): Promise<void> {
    this.#inStep = true;
    await step();
    this.#inStep = false;
  }

  /** Ends the steps of all ranks, unless one was left in its middle. */
  async dispose(): Promise<void> {
    const leads = this.communicator.rank === 0;
    if (leads && !this.#inStep) await this.#order(null);
    this.host.dispose();
  }

  /** Agrees on what comes next: rank 0 says it, and the others may ask for the end. */
  async #order(own: Order, asked = false): Promise<Order> {
    const leads = this.communicator.rank === 0;
    const { step } = own ?? { step: 0 };
    const said = leads
      ? [
        own ? 1 : 0,
        this.#stateIsNew ? 1 : 0,
        Math.floor(step / HIGH),
        step % HIGH,
      ]
      : [0, 0, 0, 0];
    const numbers = Float32Array.of(asked ? 1 : 0, ...said);
    await this.communicator.agree(numbers);
    const [asking, goesOn, isNew, high, low] = numbers;
    if (leads && asking! > 0) this.onStopAsked();
    if (goesOn === 0) return null;
    if (isNew! > 0) await this.#shareState();
    this.#stateIsNew = false;
    return { step: high! * HIGH + low! };
  }

  /** Sets networks and optimizers of all ranks to those of rank 0. */
  async #shareState(): Promise<void> {
    for (const { network, group, frozen } of this.#modules) {
      const { parameters, buffers } = network.materialized;
      const still = frozen || group === "average";
      const moments = still ? [] : [network.velocity, network.squares];
      for (const variable of [parameters, buffers, ...moments]) {
        if (!variable) continue;
        const [bytes] = await this.#memory.read([variable]);
        const numbers = new Float32Array(bytes!);
        await this.communicator.broadcast(numbers);
        this.#memory.write(variable, numbers);
      }
    }
  }
}
