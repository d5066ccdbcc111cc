// What an assistant sends to an action server, and what it gets back.

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

/** The conversation so far. */
export interface Tracker {
  sender_id: string;
  slots: JsonObject;
  latest_message: JsonObject;
  events: JsonObject[];
  paused: boolean;
  followup_action: string | null;
  active_loop: JsonObject;
  latest_action_name: string | null;
  stack: JsonObject[];
}

/** One call of one action. */
export interface ActionCall {
  action: string;
  tracker: Tracker;
  /** Left out by a caller who believes that this server knows it; then there is a digest. */
  domain: JsonObject | null;
  domainDigest: string | null;
  /** The same for every attempt of one step of a conversation; null if the caller has none. */
  idempotencyKey: string | null;
}

export interface Button {
  title: string;
  payload: string;
}

/** Something to say: any of these, together. */
export interface Message {
  text?: string;
  image?: string;
  attachment?: string;
  buttons?: Button[];
  elements?: JsonObject[];
  custom?: JsonObject;
}

export type Event = JsonObject & { event: string };

export interface ActionResult {
  events: Event[];
  responses: JsonObject[];
}

/** Headers of HTTP and metadata of gRPC, both ways. */
export const FEATURES_HEADER = "duologue-features";
export const KEY_HEADER = "idempotency-key";

/** Read a call as it stands in the body of a request; null if it names no action. */
export function parseCall(body: JsonObject, keyHeader: string | undefined): ActionCall | null {
  const action = asText(body["next_action"]);
  if (action === null) return null;
  const key = keyHeader === undefined ? asText(body["idempotency_key"]) : unquote(keyHeader);
  return {
    action,
    tracker: parseTracker(asObject(body["tracker"]) ?? {}, asText(body["sender_id"]) ?? "default"),
    domain: asObject(body["domain"]),
    domainDigest: asText(body["domain_digest"]),
    idempotencyKey: key || null,
  };
}

function parseTracker(tracker: JsonObject, senderId: string): Tracker {
  return {
    sender_id: asText(tracker["sender_id"]) ?? senderId,
    slots: asObject(tracker["slots"]) ?? {},
    latest_message: asObject(tracker["latest_message"]) ?? {},
    events: asObjects(tracker["events"]),
    paused: tracker["paused"] === true,
    followup_action: asText(tracker["followup_action"]),
    active_loop: asObject(tracker["active_loop"]) ?? {},
    latest_action_name: asText(tracker["latest_action_name"]),
    stack: asObjects(tracker["stack"]),
  };
}

export function asObject(value: Json | undefined): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
}

function asObjects(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.map(asObject).filter((item) => item !== null) : [];
}

function asText(value: Json | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function unquote(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not percent-quoted: a key is only ever compared
  }
}
