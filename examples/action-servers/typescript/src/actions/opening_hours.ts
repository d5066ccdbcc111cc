// The shop's own business: when it is open.

import { type Action, ActionRejection } from "../action.js";
import { slotSet } from "../events.js";

const HOURS: Readonly<Record<string, string>> = {
  monday: "9 to 18",
  tuesday: "9 to 18",
  wednesday: "9 to 13",
  thursday: "9 to 18",
  friday: "9 to 20",
  saturday: "10 to 16",
};

/** Says when the shop is open on the day in the slot `day`. */
export const openingHours: Action = {
  name: "action_opening_hours",
  run({ tracker, replies }) {
    const day = tracker.slots["day"];
    if (typeof day !== "string") throw new ActionRejection("There is no day to look up.");
    const hours = HOURS[day.trim().toLowerCase()] ?? null;
    replies.say(
      hours === null
        ? { text: `We are closed on ${day}.` }
        : {
            text: `On ${day} we are open from ${hours}.`,
            buttons: [{ title: "Where are you?", payload: "/ask_address" }],
          },
    );
    return [slotSet("is_open", hours !== null), slotSet("hours", hours)];
  },
};
