// The demo page: a chat over the REST channel, and a live view of what goes on inside.
// Whatever comes from a person or an assistant becomes text nodes, never markup.

const KEY = "duologue-conversation";
const STEPS_SHOWN = { active: 6, waiting: 1, finished: Infinity };
const here = (path) => new URL(path, document.baseURI);
const find = (id) => document.getElementById(id);

const log = find("log");
const welcome = find("welcome");
const composer = find("composer");
const input = find("text");

let conversation = "";
let updates = null;
let known = new Map();
let sending = Promise.resolve();
let typing = null;

function make(tag, classes = "", text = null) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  if (text !== null) element.textContent = text;
  return element;
}

// A long name may break after an underscore, and nowhere else.
function makeName(text, tag = "span") {
  const name = make(tag);
  name.append(...text.split(/(?<=_)/).flatMap((part) => [part, make("wbr")]));
  return name;
}

function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// --- the chat ---------------------------------------------------------------------------------------------

function scrollDown() {
  log.scrollTop = log.scrollHeight;
}

function addMessage(isMine) {
  welcome.remove();
  const message = make("div", isMine ? "message mine" : "message");
  log.insertBefore(message, typing);
  return message;
}

function addBubble(message, text, classes = "bubble") {
  const bubble = make("div", classes, text);
  bubble.dir = "auto";
  message.append(bubble);
  return bubble;
}

function showMine(text) {
  for (const old of log.querySelectorAll(".choices")) old.remove();
  addBubble(addMessage(true), text);
  scrollDown();
}

// A reply that is still being said: its pieces go into one message, in which the text grows.
const unfinished = new Map();

function showPiece(piece) {
  if (piece.is_last) {
    unfinished.delete(piece.stream_id);
    return;
  }
  const known = unfinished.get(piece.stream_id) ?? { message: addMessage(false), bubble: null };
  unfinished.set(piece.stream_id, known);
  if (piece.text && known.bubble) known.bubble.append(piece.text);
  else if (piece.text) known.bubble = addBubble(known.message, piece.text);
  addParts(known.message, piece);
  scrollDown();
}

function showReply(reply) {
  const message = addMessage(false);
  if (reply.text) addBubble(message, reply.text);
  addParts(message, reply);
  if (!message.childElementCount) message.remove();
  scrollDown();
}

function addParts(message, reply) {(message, reply.text);
  if (isWebAddress(reply.image) || String(reply.image).startsWith("data:image/")) {
    const picture = make("img");
    picture.src = reply.image;
    picture.alt = "Picture from the assistant";
    picture.referrerPolicy = "no-referrer";
    picture.addEventListener("load", scrollDown);
    message.append(picture);
  }
  for (const extra of [reply.attachment, reply.custom]) {
    if (extra && Object.keys(extra).length) addBubble(message, JSON.stringify(extra, null, 2), "bubble code");
  }
  const choices = reply.quick_replies?.length ? reply.quick_replies : reply.buttons;
  if (choices?.length) message.append(makeChoices(choices));
}

function makeChoices(buttons) {
  const row = make("div", "choices");
  for (const button of buttons) {
    if (isWebAddress(button.url)) {
      const link = make("a", "choice", button.title);
      Object.assign(link, { href: button.url, target: "_blank", rel: "noopener noreferrer" });
      row.append(link);
      continue;
    }
    const choice = make("button", "choice", button.title);
    choice.type = "button";
    choice.dataset.payload = button.payload ?? button.title;
    choice.addEventListener("click", () => say(choice.dataset.payload, button.title));
    row.append(choice);
  }
  return row;
}

function isWebAddress(value) {
  return typeof value === "string" && /^https?:\/\//i.test(value);
}

function showTyping(isOn) {
  typing?.remove();
  typing = null;
  if (!isOn) return;
  typing = make("div", "message typing");
  const bubble = make("div", "bubble");
  bubble.append(make("i"), make("i"), make("i"));
  typing.append(bubble);
  typing.ariaLabel = "The assistant is writing";
  log.append(typing);
  scrollDown();
}

function say(text, title = text) {
  showMine(title);
  send(text, randomName());
  input.focus();
}

// One message after the other, in the order in which they were written.
function send(text, messageId) {
  const sender = conversation;
  sending = sending.then(async () => {
    if (sender !== conversation) return;
    showTyping(true);
    try {
      await deliver(sender, text, messageId);
    } catch (error) {
      if (sender === conversation) showFailure(error, text, messageId);
    } finally {
      if (sender === conversation) showTyping(false);
    }
  });
}

async function deliver(sender, text, messageId) {
  const response = await fetch(here("webhooks/rest/webhook?stream=true"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ sender, message: text, message_id: messageId }),
  });
  if (!response.ok) throw new Error((await response.json()).message);
  for await (const line of readLines(response.body)) {
    if (sender !== conversation) continue;
    const reply = JSON.parse(line);
    if (reply.stream_id) showPiece(reply);
    else showReply(reply);
  }
  unfinished.clear();
}

async function* readLines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + (value ?? "")).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line.trim()) yield line;
    if (done) return;
  }
}

function showFailure(error, text, messageId) {
  const isNetwork = error instanceof TypeError;
  const message = addMessage(false);
  const failure = make("div", "failure", isNetwork ? "The server did not answer." : error.message);
  const again = make("button", "", "Try again");
  again.type = "button";
  // The same id: if the message was stored after all, its replies come back and nothing happens twice.
  again.addEventListener("click", () => { message.remove(); send(text, messageId); });
  failure.append(again);
  message.append(failure);
  scrollDown();
}

function restoreChat(lines) {
  let titles = new Map();
  for (const line of lines) {
    if (line.is_user) {
      if (!line.text.startsWith("/session_start")) showMine(titles.get(line.text) ?? line.text);
    } else {
      showReply(line.reply);
      titles = new Map((line.reply.buttons ?? []).map((button) => [button.payload, button.title]));
    }
  }
}

// --- what goes on inside ----------------------------------------------------------------------------------

function render(view) {
  const isNew = view.turns === 0;
  find("quiet-start").hidden = !isNew;
  for (const part of document.querySelectorAll(".part")) part.hidden = isNew;
  if (isNew) return;
  renderUnderstanding(view.understanding, view.milliseconds);
  find("cards").replaceChildren(...view.flows.map(makeCard));
  find("flows").hidden = view.flows.length === 0;
  renderSlots(view.slots);
  find("events").replaceChildren(...view.events.map(makeEvent));
}

function renderUnderstanding(understanding, milliseconds) {
  const commands = understanding?.commands ?? [];
  find("milliseconds").textContent = milliseconds === null ? "" : `turn ${formatTime(milliseconds)}`;
  find("commands").replaceChildren(
    ...(commands.length ? commands.map((text) => make("li", "", text)) : [make("li", "none", "nothing")]),
  );
  find("evidence").replaceChildren(...(understanding?.evidence ?? []).map(makeEvidence));
}

function makeEvidence(evidence) {
  const confidence = evidence.confidence ?? 1;
  const item = make("li");
  const meter = make("meter");
  Object.assign(meter, { min: 0, max: 1, low: 0.5, high: 0.5, optimum: 1, value: confidence });
  meter.ariaLabel = "confidence";
  item.append(
    make("b", "", evidence.rung),
    meter,
    make("span", "", `${Math.round(confidence * 100)} %`),
    make("span", "took", evidence.milliseconds ? formatTime(evidence.milliseconds) : ""),
  );
  if (evidence.reason) item.append(make("span", "reason", evidence.reason));
  return item;
}

function formatTime(milliseconds) {
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}

function makeCard(flow) {
  const item = make("li", `card ${flow.status}`);
  const isOver = flow.status === "finished";
  const holder = isOver ? make("details") : item;
  const head = make(isOver ? "summary" : "header");
  head.append(make("span", "title", flow.title), make("span", "tag", describeStatus(flow)));
  holder.append(head);
  if (flow.steps.length) holder.append(...makePaths(flow.steps, STEPS_SHOWN[flow.status]));
  if (isOver) item.append(holder);
  return item;
}

function describeStatus(flow) {
  if (flow.status === "finished") return "ended";
  if (flow.is_pattern) return "pattern";
  if (flow.status === "waiting") return "waiting";
  return { interrupt: "in between", link: "linked", call: "called" }[flow.how] ?? "running";
}

// A long way is folded up: what matters is where the flow stands, and how it came there a moment ago.
function makePaths(steps, most) {
  if (steps.length <= most + 1) return [makePath(steps)];
  const earlier = make("details", "earlier");
  const folded = steps.slice(0, -most);
  earlier.append(make("summary", "", `${folded.length} earlier steps`), makePath(folded));
  return [earlier, makePath(steps.slice(-most))];
}

function makePath(steps) {
  const path = make("ol", "path");
  for (const step of steps) {
    const item = make("li", step.is_current ? "now" : "");
    if (step.is_current) item.ariaCurrent = "step";
    item.append(make("span", "kind", step.kind), makeName(step.title));
    path.append(item);
  }
  return path;
}

function renderSlots(slots) {
  const isFirst = known.size === 0;
  const rows = slots.filter((slot) => slot.is_set).map((slot) => {
    const value = typeof slot.value === "string" ? slot.value : JSON.stringify(slot.value);
    const row = make("tr", !isFirst && known.get(slot.name) !== value ? "changed" : "");
    const name = makeName(slot.name, "th");
    name.scope = "row";
    row.append(name, make("td", "", value));
    return row;
  });
  find("filled").replaceChildren(...rows);
  const empty = slots.filter((slot) => !slot.is_set).map((slot) => slot.name);
  find("empty-slots").hidden = empty.length === 0;
  find("empty-slots").firstElementChild.textContent = `${empty.length} empty`;
  find("empty").textContent = empty.join(", ");
  find("slots").hidden = slots.length === 0;
  known = new Map(slots.map((slot) => [
    slot.name, slot.is_set ? (typeof slot.value === "string" ? slot.value : JSON.stringify(slot.value)) : null,
  ]));
}

function makeEvent(event) {
  const item = make("li");
  const details = make("details");
  const summary = make("summary");
  summary.append(make("span", "type", event.type), make("span", "summary", event.summary));
  details.append(summary);
  // The JSON is made only when somebody looks.
  details.addEventListener("toggle", () => {
    details.append(make("pre", "", JSON.stringify(event.data, null, 2)));
  }, { once: true });
  item.append(details);
  return item;
}

// --- conversations ----------------------------------------------------------------------------------------

function setConnection(state, text) {
  const connection = find("connection");
  connection.dataset.state = state;
  connection.textContent = text;
}

function openConversation(name) {
  conversation = name;
  sessionStorage.setItem(KEY, name);
  updates?.close();
  known = new Map();
  typing = null;
  log.replaceChildren(welcome);
  render({ turns: 0 });
  listen(name);
}

function listen(name) {
  let isFirst = true;
  updates = new EventSource(here(`demo/conversations/${encodeURIComponent(name)}/events`));
  updates.addEventListener("open", () => setConnection("live", "live"));
  updates.addEventListener("error", () => setConnection("lost", "reconnecting"));
  updates.addEventListener("turn", (event) => {
    if (name !== conversation) return;
    const view = JSON.parse(event.data);
    if (isFirst && log.contains(welcome) && view.turns > 0) restoreChat(view.chat);
    isFirst = false;
    render(view);
  });
}

async function showSuggestions() {
  const response = await fetch(here("demo/assistant"));
  const about = await response.json();
  log.lang = about.language;
  find("name").textContent = about.name;
  find("suggestions").replaceChildren(...about.suggestions.map((text) => {
    const item = make("li");
    const choice = make("button", "choice", text);
    choice.type = "button";
    choice.dir = "auto";
    choice.addEventListener("click", () => say(text));
    item.append(choice);
    return item;
  }));
}

function submit() {
  const text = input.value.trim();
  if (!text) return;
  input.value = "";
  say(text);
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
find("renew").addEventListener("click", () => {
  openConversation(`web-${randomName()}`);
  showSide("chat");
  input.focus();
});
for (const button of document.querySelectorAll("[data-shows]")) {
  button.addEventListener("click", () => showSide(button.dataset.shows));
}

// Small screens show one side at a time.
function showSide(side) {
  document.body.dataset.view = side;
  for (const button of document.querySelectorAll("[data-shows]")) {
    button.ariaPressed = String(button.dataset.shows === side);
  }
}

openConversation(sessionStorage.getItem(KEY) ?? `web-${randomName()}`);
showSuggestions().catch(() => {});
if (matchMedia("(pointer: fine)").matches) input.focus();
