// The results of calls by their idempotency keys, in a file, so that a repeated call has no effect twice.

import { appendFileSync, existsSync, fsyncSync, openSync, readFileSync } from "node:fs";

import type { ActionResult, Message } from "./protocol.js";
import type { Replies } from "./replies.js";

interface Remembered extends ActionResult {
  streamed: Message[][];
}

/** For one process; several of them need a database that they share. */
export class RememberedResults {
  readonly #results = new Map<string, Remembered>();
  readonly #underWay = new Map<string, Promise<Remembered>>();
  readonly #file: number;

  constructor(path: string) {
    const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];
    for (const line of lines) this.#read(line);
    this.#file = openSync(path, "a");
    // A line that a crash cut short is ended here, so that it cannot swallow the next one.
    appendFileSync(this.#file, "\n");
  }

  /** Run it, unless it has run before or runs now; a call that failed may be run again. */
  async once(key: string, run: () => Promise<ActionResult>, replies: Replies): Promise<ActionResult> {
    const known = this.#results.get(key) ?? this.#underWay.get(key);
    if (known !== undefined) return sayAgain(await known, replies);
    const running = this.#runAndWrite(key, run, replies);
    this.#underWay.set(key, running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #runAndWrite(key: string, run: () => Promise<ActionResult>, replies: Replies): Promise<Remembered> {
    const result: Remembered = { ...(await run()), streamed: replies.streamed };
    appendFileSync(this.#file, `${JSON.stringify([key, result])}\n`);
    fsyncSync(this.#file);
    this.#results.set(key, result);
    return result;
  }

  #read(line: string): void {
    try {
      const [key, result] = JSON.parse(line) as [string, Remembered];
      this.#results.set(key, result);
    } catch {
      // An empty line, or one that a crash cut short: that call has no result yet.
    }
  }
}

async function sayAgain(known: Remembered, replies: Replies): Promise<ActionResult> {
  for (const pieces of known.streamed) await replies.stream(pieces);
  return { events: known.events, responses: [...replies.responses, ...known.responses] };
}
