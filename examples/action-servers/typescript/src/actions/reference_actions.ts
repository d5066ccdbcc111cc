// The actions that the conformance suite of Duologue calls; delete this file in a server of your own.

import { setTimeout as sleep } from "node:timers/promises";

import { type Action, ActionRejection } from "../action.js";
import * as events from "../events.js";
import type { Event, Message } from "../protocol.js";
import type { Replies } from "../replies.js";

const { slotSet } = events;
const TICK_MILLISECONDS = 50;
const MOST_TICKS = 200;

const callsByKey = new Map<string | null, number>();

export const referenceActions: readonly Action[] = [
  {
    name: "conformance_say",
    run({ replies }) {
      replies.say({ text: "Hello." });
      return [];
    },
  },
  {
    name: "conformance_rich",
    run({ replies }) {
      replies.say({
        text: "Look.",
        image: "https://example.org/image.png",
        attachment: "https://example.org/file.pdf",
        buttons: [
          { title: "Yes", payload: "/affirm" },
          { title: "No", payload: "/deny" },
        ],
        elements: [{ title: "Card", subtitle: "One of one" }],
        custom: { a: 1 },
      });
      return [];
    },
  },
  {
    name: "conformance_response",
    run({ replies }) {
      replies.respond("utter_greet", { name: "Ada" });
      return [];
    },
  },
  {
    name: "conformance_echo_slots",
    run: ({ tracker }) =>
      Object.entries(tracker.slots)
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([name, value]) => slotSet(`echo_${name}`, value)),
  },
  {
    name: "conformance_count_events",
    run: ({ tracker }) => [slotSet("event_count", tracker.events.length)],
  },
  {
    name: "conformance_latest",
    run({ tracker, replies }) {
      replies.say({ text: String(tracker.latest_message["text"]) });
      return [];
    },
  },
  { name: "conformance_events", run: () => oneEventOfEveryKind() },
  { name: "conformance_nothing", run: () => [] },
  {
    name: "conformance_reject",
    run() {
      throw new ActionRejection("Not today.");
    },
  },
  {
    name: "conformance_fail",
    run() {
      throw new Error("This action always fails.");
    },
  },
  {
    name: "conformance_domain",
    run({ domain }) {
      const intents = domain["intents"];
      return [slotSet("intent_count", Array.isArray(intents) ? intents.length : 0)];
    },
  },
  {
    name: "conformance_slow",
    async run({ replies }) {
      await sleep(1000);
      replies.say({ text: "Done." });
      return [];
    },
  },
  {
    name: "conformance_stream",
    async run({ replies }) {
      await replies.stream(threePieces());
      return [slotSet("streamed", true)];
    },
  },
  {
    name: "conformance_stream_long",
    async run({ replies }) {
      const count = { ticks: 0 };
      await replies.stream(ticks(replies, count));
      return [slotSet("ticks", count.ticks)];
    },
  },
  {
    name: "conformance_key",
    run: ({ idempotencyKey }) => [slotSet("key", idempotencyKey)],
  },
  {
    name: "conformance_count_calls",
    run({ idempotencyKey }) {
      const calls = (callsByKey.get(idempotencyKey) ?? 0) + 1;
      callsByKey.set(idempotencyKey, calls);
      return [slotSet("calls", calls)];
    },
  },
];

async function* threePieces(): AsyncGenerator<Message> {
  for (const text of ["one ", "two ", "three"]) yield { text };
}

async function* ticks(replies: Replies, count: { ticks: number }): AsyncGenerator<Message> {
  while (count.ticks < MOST_TICKS && !replies.hasLeft) {
    count.ticks += 1;
    yield { text: "tick " };
    await sleep(TICK_MILLISECONDS);
  }
}

function oneEventOfEveryKind(): Event[] {
  const understood = { intent: { name: "greet", confidence: 1 }, entities: [] };
  return [
    events.userUttered("hi", understood, "rest"),
    events.botUttered("Hello.", { image: "https://example.org/image.png" }, { mood: "good" }),
    slotSet("color", "blue"),
    events.restarted(),
    events.sessionStarted(),
    events.sessionEnded(),
    events.userUtteranceReverted(),
    events.allSlotsReset(),
    events.reminderScheduled({
      intent: "remind",
      at: "2031-01-02T03:04:05+00:00",
      entities: [{ entity: "name", value: "Ada" }],
      name: "tea",
      killOnUserMessage: false,
    }),
    events.reminderCancelled("tea", "remind"),
    events.actionReverted(),
    events.storyExported(),
    events.followupAction("action_next"),
    events.conversationPaused(),
    events.conversationResumed(),
    events.actionExecuted("action_done", "RulePolicy", 0.5),
    events.agentUttered("I am a person.", { a: 1 }),
    events.activeLoop("order_form"),
    events.loopInterrupted(true),
    events.actionExecutionRejected("action_no", "RulePolicy", 0.25),
  ];
}
