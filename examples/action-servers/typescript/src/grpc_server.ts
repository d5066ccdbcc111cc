// The door for gRPC: the ActionService of action_webhook.proto, and the standard health service.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { HealthImplementation } from "grpc-health-check";

import { ActionNotFound, ActionRejection, DomainMissing } from "./action.js";
import type { Executor } from "./executor.js";
import {
  readCall,
  type WebhookRequest,
  type WebhookResponse,
  type WebhookStreamEvent,
  writeChunk,
  writeResult,
} from "./grpc_messages.js";
import { FEATURES_HEADER, KEY_HEADER, type Message } from "./protocol.js";
import { Replies, type StreamListener } from "./replies.js";
import { type Struct, writeStruct } from "./struct.js";

const PROTO_FILE = fileURLToPath(new URL("../action_webhook.proto", import.meta.url));
const LARGEST_MESSAGE = 50 * 1024 * 1024;

/** Details travel in a header, and headers are bounded. */
const LONGEST_DETAILS = 1000;

type Call = grpc.ServerUnaryCall<unknown, unknown> | grpc.ServerWritableStream<unknown, unknown>;
type Stream = grpc.ServerWritableStream<WebhookRequest, WebhookStreamEvent>;

/** The streamed messages that are being said, by their ids. */
type Speaking = Map<string, Replies>;

export function createGrpcServer(executor: Executor): grpc.Server {
  const speaking: Speaking = new Map();
  const server = new grpc.Server({
    "grpc.max_receive_message_length": LARGEST_MESSAGE,
    "grpc.default_compression_algorithm": grpc.compressionAlgorithms.gzip,
  });
  server.addService(loadService(), {
    Webhook(
      call: grpc.ServerUnaryCall<WebhookRequest, WebhookResponse>,
      done: grpc.sendUnaryData<WebhookResponse>,
    ): void {
      sayFeatures(call, executor);
      runCall(executor, call).then(
        (response) => done(null, response),
        (error) => done(describeFailure(error, call.request.next_action)),
      );
    },
    WebhookStream(call: Stream): void {
      sayFeatures(call, executor);
      streamCall(executor, call, speaking).catch((error) => {
        call.emit("error", describeFailure(error, call.request.next_action));
      });
    },
    AckStreamChunks(
      call: grpc.ServerUnaryCall<{ response_id?: string }, object>,
      done: grpc.sendUnaryData<object>,
    ): void {
      speaking.get(call.request.response_id ?? "")?.leave();
      done(null, {});
    },
    Actions(call: grpc.ServerUnaryCall<object, { actions: Struct[] }>, done: grpc.sendUnaryData<object>): void {
      sayFeatures(call, executor);
      done(null, { actions: executor.names.map((name) => writeStruct({ name })) });
    },
  });
  new HealthImplementation({ "": "SERVING", ActionServer: "SERVING" }).addToServer(server);
  return server;
}

function loadService(): grpc.ServiceDefinition {
  const definition = loadSync(PROTO_FILE, { keepCase: true, enums: String });
  return definition["action_server_webhook.ActionService"] as grpc.ServiceDefinition;
}

function sayFeatures(call: Call, executor: Executor): void {
  const metadata = new grpc.Metadata();
  metadata.set(FEATURES_HEADER, executor.features);
  call.sendMetadata(metadata);
}

function findKey(call: Call): string | undefined {
  return call.metadata.get(KEY_HEADER)[0]?.toString();
}

async function runCall(
  executor: Executor,
  call: grpc.ServerUnaryCall<WebhookRequest, WebhookResponse>,
): Promise<WebhookResponse> {
  const action = readCall(call.request, findKey(call));
  return action === null ? { events: [], responses: [] } : writeResult(await executor.run(action));
}

async function streamCall(executor: Executor, call: Stream, speaking: Speaking): Promise<void> {
  const voice = new Voice(call, speaking);
  const replies = new Replies(voice);
  voice.replies = replies;
  call.on("cancelled", () => replies.leave());
  try {
    const action = readCall(call.request, findKey(call));
    if (action !== null) await send(call, { final_result: writeResult(await executor.run(action, replies)) });
    call.end();
  } catch (error) {
    await send(call, { error: { action_name: call.request.next_action ?? "", message: getMessage(error) } });
    throw error;
  } finally {
    voice.finish();
  }
}

/** Sends the pieces of streamed messages, each message under an id of its own. */
class Voice implements StreamListener {
  replies: Replies | null = null;
  #id = "";

  constructor(
    private readonly call: Stream,
    private readonly speaking: Speaking,
  ) {}

  async begin(): Promise<void> {
    this.finish();
    this.#id = randomUUID();
    if (this.replies) this.speaking.set(this.#id, this.replies);
    if (this.call.cancelled) this.replies?.leave();
    await send(this.call, { chunk_start: { response_id: this.#id } });
  }

  async add(piece: Message): Promise<void> {
    await send(this.call, { chunk: writeChunk(this.#id, piece) });
  }

  async end(): Promise<void> {
    if (!this.replies?.hasLeft) await send(this.call, { chunk_end: { response_id: this.#id } });
    this.finish();
  }

  finish(): void {
    this.speaking.delete(this.#id);
  }
}

/** Wait while the reader is slower than the action, so that nothing piles up. */
async function send(call: Stream, event: WebhookStreamEvent): Promise<void> {
  if (call.cancelled || call.write(event)) return;
  const waiting = new AbortController();
  const { signal } = waiting;
  await Promise.race([once(call, "drain", { signal }), once(call, "cancelled", { signal })]).finally(() =>
    waiting.abort(),
  );
}

/** A status whose details are JSON that says what is missing, or which action failed. */
function describeFailure(error: unknown, action = ""): Partial<grpc.StatusObject> {
  const message = getMessage(error);
  if (error instanceof ActionNotFound || error instanceof DomainMissing) {
    const resource = error instanceof ActionNotFound ? "ACTION" : "DOMAIN";
    const details = JSON.stringify({ action_name: action, message, resource_type: resource });
    return { code: grpc.status.NOT_FOUND, details };
  }
  if (error instanceof ActionRejection) {
    return { code: grpc.status.INTERNAL, details: JSON.stringify({ action_name: action, message }) };
  }
  console.error(`The action '${action}' failed:`, error);
  return { code: grpc.status.UNKNOWN, details: message };
}

function getMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.slice(0, LONGEST_DETAILS);
}
