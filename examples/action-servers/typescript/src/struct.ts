// JSON as `google.protobuf.Struct`, in the shape that @grpc/proto-loader gives its messages.

import type { Json, JsonObject } from "./protocol.js";

export interface Struct {
  fields?: Record<string, Value> | null;
}

export interface Value {
  nullValue?: string | number;
  numberValue?: number;
  stringValue?: string;
  boolValue?: boolean;
  structValue?: Struct;
  listValue?: { values?: Value[] | null };
}

export function writeStruct(value: JsonObject): Struct {
  return { fields: Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, writeValue(inner)])) };
}

export function readStruct(struct: Struct | null | undefined): JsonObject {
  const fields = Object.entries(struct?.fields ?? {});
  return Object.fromEntries(fields.map(([name, value]) => [name, readValue(value)]));
}

function writeValue(value: Json): Value {
  if (value === null || value === undefined) return { nullValue: "NULL_VALUE" };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return { numberValue: value };
  if (typeof value === "string") return { stringValue: value };
  if (Array.isArray(value)) return { listValue: { values: value.map(writeValue) } };
  return { structValue: writeStruct(value) };
}

function readValue(value: Value): Json {
  if (value.boolValue !== undefined) return value.boolValue;
  if (value.numberValue !== undefined) return value.numberValue;
  if (value.stringValue !== undefined) return value.stringValue;
  if (value.structValue !== undefined) return readStruct(value.structValue);
  if (value.listValue !== undefined) return (value.listValue.values ?? []).map(readValue);
  return null;
}
