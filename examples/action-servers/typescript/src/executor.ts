// Runs calls, whatever they came over.

import { type Action, ActionNotFound, DomainMissing } from "./action.js";
import type { ActionCall, ActionResult, JsonObject } from "./protocol.js";
import { Replies } from "./replies.js";
import type { RememberedResults } from "./remembered_results.js";

export class Executor {
  readonly names: readonly string[];
  /** What this server does beyond the protocol; every answer says so. */
  readonly features: string;
  readonly #actions: ReadonlyMap<string, Action>;
  #domain: JsonObject = {};
  #domainDigest: string | null = null;

  constructor(
    actions: readonly Action[],
    private readonly remembered: RememberedResults | null,
  ) {
    this.#actions = new Map(actions.map((action) => [action.name, action]));
    this.names = [...this.#actions.keys()].sort();
    this.features = `domain-digest streaming${remembered ? " idempotency" : ""}`;
  }

  async run(call: ActionCall, replies = new Replies()): Promise<ActionResult> {
    const action = this.#actions.get(call.action);
    if (action === undefined) throw new ActionNotFound(call.action);
    const domain = this.#findDomain(call);
    const run = () => runAction(action, call, domain, replies);
    if (this.remembered === null || call.idempotencyKey === null) return run();
    return this.remembered.once(JSON.stringify([call.action, call.idempotencyKey]), run, replies);
  }

  #findDomain({ domain, domainDigest }: ActionCall): JsonObject {
    if (domain !== null) {
      this.#domain = domain;
      this.#domainDigest = domainDigest;
      return domain;
    }
    if (domainDigest === null) return {}; // an older caller, who leaves it out on purpose
    if (domainDigest !== this.#domainDigest) throw new DomainMissing();
    return this.#domain;
  }
}

async function runAction(
  action: Action,
  call: ActionCall,
  domain: JsonObject,
  replies: Replies,
): Promise<ActionResult> {
  const { tracker, idempotencyKey } = call;
  const events = await action.run({ tracker, domain, replies, idempotencyKey });
  return { events, responses: replies.responses };
}
