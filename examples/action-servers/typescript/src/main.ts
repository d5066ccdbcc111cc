// Starts the server: `npm start -- --port 5055 --grpc-port 5056`.

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs, promisify } from "node:util";

import * as grpc from "@grpc/grpc-js";

import { openingHours } from "./actions/opening_hours.js";
import { referenceActions } from "./actions/reference_actions.js";
import { Executor } from "./executor.js";
import { createGrpcServer } from "./grpc_server.js";
import { createHttpServer } from "./http_server.js";
import { RememberedResults } from "./remembered_results.js";

const MILLISECONDS_TO_END = 10_000;

const { values: options } = parseArgs({
  options: {
    interface: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "5055" },
    "grpc-port": { type: "string" },
    remember: { type: "string" },
  },
});

const remembered = options.remember ? new RememberedResults(options.remember) : null;
const executor = new Executor([openingHours, ...referenceActions], remembered);
const http = await startHttp(createHttpServer(executor));
const rpc = options["grpc-port"] ? await startGrpc(createGrpcServer(executor), options["grpc-port"]) : null;
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);

async function startHttp(server: Server): Promise<Server> {
  // Longer than an assistant keeps an idle connection, so that it never sends into one that closes.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(Number(options.port), options.interface, resolve);
  });
  console.log(`HTTP on port ${(server.address() as AddressInfo).port}.`);
  return server;
}

async function startGrpc(server: grpc.Server, port: string): Promise<grpc.Server> {
  const bind = promisify(server.bindAsync.bind(server));
  const bound = await bind(`${options.interface}:${port}`, grpc.ServerCredentials.createInsecure());
  console.log(`gRPC on port ${bound}.`);
  return server;
}

/** Answer what has been asked, then end; after a while in any case. */
function stop(): void {
  setTimeout(() => process.exit(), MILLISECONDS_TO_END).unref();
  http.close();
  http.closeIdleConnections();
  rpc?.tryShutdown(() => {});
}
