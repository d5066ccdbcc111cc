// What an action may tell the assistant to do: one function for each kind of event.

import type { Event, Json, JsonObject } from "./protocol.js";

type Entities = JsonObject[] | null;

// The assistant fills the time in when it gets an event without one.
const timestamp = null;

export const userUttered = (text: string, parseData: JsonObject | null, inputChannel: string | null): Event => ({
  event: "user",
  timestamp,
  text,
  parse_data: parseData,
  input_channel: inputChannel,
});

export const botUttered = (text: string | null, data: JsonObject | null, metadata: JsonObject | null): Event => ({
  event: "bot",
  timestamp,
  text,
  data,
  metadata,
});

export const slotSet = (name: string, value: Json): Event => ({ event: "slot", timestamp, name, value });

export const allSlotsReset = (): Event => ({ event: "reset_slots", timestamp });

export const sessionStarted = (): Event => ({ event: "session_started", timestamp });

export const sessionEnded = (): Event => ({ event: "session_ended", timestamp, metadata: null });

export const restarted = (): Event => ({ event: "restart", timestamp });

export const conversationPaused = (): Event => ({ event: "pause", timestamp });

export const conversationResumed = (): Event => ({ event: "resume", timestamp });

export const userUtteranceReverted = (): Event => ({ event: "rewind", timestamp });

export const actionReverted = (): Event => ({ event: "undo", timestamp });

export const storyExported = (): Event => ({ event: "export", timestamp });

export const followupAction = (name: string): Event => ({ event: "followup", timestamp, name });

export const actionExecuted = (name: string, policy: string | null, confidence: number | null): Event => ({
  event: "action",
  timestamp,
  name,
  policy,
  confidence,
});

export const actionExecutionRejected = (name: string, policy: string | null, confidence: number | null): Event => ({
  event: "action_execution_rejected",
  timestamp,
  name,
  policy,
  confidence,
});

export const agentUttered = (text: string | null, data: JsonObject | null): Event => ({
  event: "agent",
  timestamp,
  text,
  data,
});

export const activeLoop = (name: string | null): Event => ({ event: "active_loop", timestamp, name });

export const loopInterrupted = (isInterrupted: boolean): Event => ({
  event: "loop_interrupted",
  timestamp,
  is_interrupted: isInterrupted,
});

export interface Reminder {
  intent: string;
  /** A time of ISO 8601 with its offset. */
  at: string;
  entities?: Entities;
  name?: string;
  killOnUserMessage?: boolean;
}

export const reminderScheduled = (reminder: Reminder): Event => ({
  event: "reminder",
  timestamp,
  intent: reminder.intent,
  entities: reminder.entities ?? null,
  date_time: reminder.at,
  name: reminder.name ?? null,
  kill_on_user_msg: reminder.killOnUserMessage ?? true,
});

export const reminderCancelled = (name: string | null, intent: string | null, entities: Entities = null): Event => ({
  event: "cancel_reminder",
  timestamp,
  intent,
  entities,
  name,
});
