// The door for HTTP: GET /health, GET /actions, POST /webhook.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";

import { ActionNotFound, ActionRejection, DomainMissing } from "./action.js";
import type { Executor } from "./executor.js";
import { asObject, FEATURES_HEADER, type Json, type JsonObject, KEY_HEADER, parseCall } from "./protocol.js";

const LARGEST_BODY = 50 * 1024 * 1024;

/** A request that cannot be answered as it is. */
class BadRequest extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

interface Answer {
  status: number;
  body: Json;
}

export function createHttpServer(executor: Executor): Server {
  return createServer((request, response) => {
    answer(executor, request)
      .catch(describeFailure)
      .then((answer) => send(request, response, answer, executor.features))
      .catch(() => response.destroy()); // the caller is gone
  });
}

async function answer(executor: Executor, request: IncomingMessage): Promise<Answer> {
  const path = (request.url ?? "/").split("?")[0];
  const method = request.method === "HEAD" ? "GET" : request.method;
  switch (`${method} ${path}`) {
    case "GET /health":
      return { status: 200, body: { status: "ok" } };
    case "GET /actions":
      return { status: 200, body: executor.names.map((name) => ({ name })) };
    case "POST /webhook":
      return runCall(executor, request);
    default: {
      const isKnown = path === "/health" || path === "/actions" || path === "/webhook";
      throw isKnown
        ? new BadRequest(405, `${path} does not take ${method}.`)
        : new BadRequest(404, "There are /health, /actions and /webhook here.");
    }
  }
}

async function runCall(executor: Executor, request: IncomingMessage): Promise<Answer> {
  const call = parseCall(await readBody(request), request.headers[KEY_HEADER] as string | undefined);
  if (call === null) return { status: 200, body: null };
  try {
    const { events, responses } = await executor.run(call);
    return { status: 200, body: { events, responses } };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const status = findStatus(error);
    if (status === 500) console.error(`The action '${call.action}' failed:`, error);
    return { status, body: { error: error.message, action_name: call.action } };
  }
}

function findStatus(error: Error): number {
  if (error instanceof ActionRejection) return 400;
  if (error instanceof ActionNotFound) return 404;
  if (error instanceof DomainMissing) return 449;
  return 500;
}

function describeFailure(error: unknown): Answer {
  if (error instanceof BadRequest) return { status: error.status, body: { error: error.message } };
  console.error("A request failed:", error);
  return { status: 500, body: { error: "The server failed; its log says more." } };
}

async function readBody(request: IncomingMessage): Promise<JsonObject> {
  const body = asObject(parseJson(await readBytes(request)));
  if (body === null) throw new BadRequest(400, "The body has to be a JSON object.");
  return body;
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of decode(request)) {
      size += (chunk as Buffer).length;
      if (size > LARGEST_BODY) throw new BadRequest(413, `The body is larger than ${LARGEST_BODY} bytes.`);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    if (error instanceof BadRequest) throw error;
    throw new BadRequest(400, "The body cannot be decompressed.");
  }
  return Buffer.concat(chunks);
}

function decode(request: IncomingMessage): AsyncIterable<unknown> {
  const encoding = request.headers["content-encoding"] ?? "identity";
  switch (encoding) {
    case "identity":
      return request;
    case "deflate":
      return pipeline(request, createInflate(), () => {});
    case "gzip":
      return pipeline(request, createGunzip(), () => {});
    default:
      throw new BadRequest(415, `The body is encoded as '${encoding}'; deflate and gzip are known here.`);
  }
}

function parseJson(bytes: Buffer): Json {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Json;
  } catch {
    throw new BadRequest(400, "The body is not JSON.");
  }
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer, features: string): void {
  const body = Buffer.from(JSON.stringify(answer.body));
  response.writeHead(answer.status, {
    "content-type": "application/json",
    "content-length": body.length,
    [FEATURES_HEADER]: features,
    // What is left of a body that was refused is not read; it must not be taken for the next request.
    ...(request.complete || request.method === "GET" ? {} : { connection: "close" }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
