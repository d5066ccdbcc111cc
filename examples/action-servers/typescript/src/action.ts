// An action: the business logic that an assistant calls by name.

import type { Event, JsonObject, Tracker } from "./protocol.js";
import type { Replies } from "./replies.js";

export interface ActionContext {
  readonly tracker: Tracker;
  readonly domain: JsonObject;
  readonly replies: Replies;
  /** Give it to whatever the action changes, so that a repeated call changes nothing twice. */
  readonly idempotencyKey: string | null;
}

export interface Action {
  readonly name: string;
  run(context: ActionContext): Event[] | Promise<Event[]>;
}

/** Thrown by an action that does not want to run now: the assistant does something else instead. */
export class ActionRejection extends Error {}

export class ActionNotFound extends Error {
  constructor(name: string) {
    super(`No action is named '${name}'.`);
  }
}

/** The call has the digest of a domain that this server has not seen: it has to be sent again with the domain. */
export class DomainMissing extends Error {
  constructor() {
    super("The domain of this digest is not known here.");
  }
}
