// Where an action says something: at once as a stream if somebody listens, else with the result.

import type { Json, JsonObject, Message } from "./protocol.js";

/** Takes the pieces of streamed messages as they come. */
export interface StreamListener {
  begin(): Promise<void>;
  add(piece: Message): Promise<void>;
  end(): Promise<void>;
}

export class Replies {
  /** What goes with the result. */
  readonly responses: JsonObject[] = [];
  /** The messages that somebody has listened to, each in its pieces. */
  readonly streamed: Message[][] = [];
  #hasLeft = false;

  constructor(private readonly listener: StreamListener | null = null) {}

  /** True when the user has interrupted the message that is being streamed. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** Called when nobody listens any more. */
  leave(): void {
    this.#hasLeft = true;
  }

  say(message: Message): void {
    this.responses.push(formatMessage(message, null, {}));
  }

  /** Say a response of the assistant's domain; `values` fill its {variables}. */
  respond(response: string, values: Record<string, Json> = {}): void {
    this.responses.push(formatMessage({}, response, values));
  }

  /** Say one message in pieces; end the generator early when `hasLeft`. */
  async stream(pieces: AsyncIterable<Message> | Iterable<Message>): Promise<void> {
    this.#hasLeft = false;
    if (this.listener === null) {
      for await (const piece of pieces) this.say(piece);
      return;
    }
    const said: Message[] = [];
    this.streamed.push(said);
    await this.listener.begin();
    for await (const piece of pieces) {
      if (this.#hasLeft) continue;
      said.push(piece);
      await this.listener.add(piece);
    }
    await this.listener.end();
  }
}

function formatMessage(message: Message, response: string | null, values: Record<string, Json>): JsonObject {
  return {
    text: message.text ?? null,
    buttons: (message.buttons ?? []).map((button) => ({ ...button })),
    elements: message.elements ?? [],
    custom: message.custom ?? {},
    template: response,
    response,
    image: message.image ?? null,
    attachment: message.attachment ?? null,
    ...values,
  };
}
