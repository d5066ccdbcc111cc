// The messages of action_webhook.proto as @grpc/proto-loader gives them, and what they mean.

import { type ActionCall, type ActionResult, type JsonObject, type Message, parseCall } from "./protocol.js";
import { readStruct, type Struct, writeStruct } from "./struct.js";

export interface WebhookRequest {
  next_action?: string;
  sender_id?: string;
  tracker?: TrackerMessage;
  domain?: DomainMessage;
  domain_digest?: string;
}

interface TrackerMessage {
  sender_id?: string;
  slots?: Struct;
  latest_message?: Struct;
  events?: Struct[];
  paused?: boolean;
  followup_action?: string;
  active_loop?: Record<string, string>;
  latest_action_name?: string;
  stack?: Struct[];
}

/** A name, or a name with its options. */
interface Named {
  string_value?: string;
  dict_value?: Struct;
}

interface DomainMessage {
  config?: Struct;
  session_config?: Struct;
  intents?: Named[];
  entities?: Named[];
  slots?: Struct;
  responses?: Struct;
  actions?: Named[];
  forms?: Struct;
  e2e_actions?: Struct[];
}

export interface WebhookResponse {
  events: Struct[];
  responses: Struct[];
}

export type WebhookStreamEvent =
  | { chunk_start: { response_id: string } }
  | { chunk: ChunkMessage }
  | { chunk_end: { response_id: string } }
  | { final_result: WebhookResponse }
  | { error: { action_name: string; message: string } };

interface ChunkMessage {
  response_id: string;
  text?: string;
  image?: string;
  attachment?: string;
  custom?: Struct;
  buttons?: Struct[];
  elements?: Struct[];
}

export function readCall(request: WebhookRequest, keyHeader: string | undefined): ActionCall | null {
  const body: JsonObject = {
    next_action: request.next_action ?? null,
    sender_id: request.sender_id ?? null,
    tracker: readTracker(request.tracker ?? {}),
    domain: request.domain ? readDomain(request.domain) : null,
    domain_digest: request.domain_digest ?? null,
  };
  return parseCall(body, keyHeader);
}

function readTracker(tracker: TrackerMessage): JsonObject {
  return {
    sender_id: tracker.sender_id ?? null,
    slots: readStruct(tracker.slots),
    latest_message: readStruct(tracker.latest_message),
    events: (tracker.events ?? []).map(readStruct),
    paused: tracker.paused ?? false,
    followup_action: tracker.followup_action ?? null,
    active_loop: tracker.active_loop ?? {},
    latest_action_name: tracker.latest_action_name ?? null,
    stack: (tracker.stack ?? []).map(readStruct),
  };
}

function readDomain(domain: DomainMessage): JsonObject {
  return {
    config: readStruct(domain.config),
    session_config: readStruct(domain.session_config),
    intents: (domain.intents ?? []).map(readNamed),
    entities: (domain.entities ?? []).map(readNamed),
    slots: readStruct(domain.slots),
    responses: readStruct(domain.responses),
    actions: (domain.actions ?? []).map(readNamed),
    forms: readStruct(domain.forms),
    e2e_actions: (domain.e2e_actions ?? []).map(readStruct),
  };
}

function readNamed(named: Named): string | JsonObject {
  return named.dict_value ? readStruct(named.dict_value) : (named.string_value ?? "");
}

export function writeResult(result: ActionResult): WebhookResponse {
  return { events: result.events.map(writeStruct), responses: result.responses.map(writeStruct) };
}

export function writeChunk(responseId: string, { custom, buttons, elements, ...rest }: Message): ChunkMessage {
  return {
    ...rest,
    response_id: responseId,
    ...(custom && { custom: writeStruct(custom) }),
    ...(buttons && { buttons: buttons.map((button) => writeStruct({ ...button })) }),
    ...(elements && { elements: elements.map(writeStruct) }),
  };
}
