/** What a device says about itself: responses of `info` and of the image list, parsed once into precise types. */
import { PithError } from "../error.ts";
import type { CborValue } from "./cbor.ts";
import type { SmpMap } from "./smp.ts";

export interface DeviceInfo {
  readonly board: string;
  /** A TARGETS id. */
  readonly target: number;
  readonly abi: number;
  readonly kernelVersion: number;
  readonly slots: number;
  readonly slotBytes: number;
  /** Slot of the active model; undefined without one. */
  readonly active: number | undefined;
  readonly isConfirmed: boolean;
  /** Limit for arena and state. */
  readonly ramBytes: number;
  readonly securityCounter: number;
  /** Another number after every start. */
  readonly bootId: number;
  readonly uptimeMs: number;
  readonly isDevelopment: boolean;
  /** Of the active model, as all that follows (0 without one): all inputs, and all outputs, together. */
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly stepCount: number;
  readonly manifestHash: number;
  readonly monitorsBytes: number;
  /** Status code of the image that the last reset refused; 0: none. */
  readonly refused: number;
}

export interface ImageState {
  readonly slot: number;
  readonly version: string;
  /** The image's SHA-256 TLV. */
  readonly hash: Uint8Array | undefined;
  readonly isActive: boolean;
  readonly isConfirmed: boolean;
  /** Runs once after the next reset. */
  readonly isPending: boolean;
  readonly isPermanent: boolean;
}

export function parseInfo(map: SmpMap): DeviceInfo {
  const uint = (key: string): number => numberOf(map, key, "info");
  // What describes the active model is missing without one.
  const optional = (key: string): number => (map.has(key) ? uint(key) : 0);
  const active = uint("active");
  return {
    board: textOf(map, "board", "info"),
    target: uint("target"),
    abi: uint("abi"),
    kernelVersion: uint("kernel"),
    slots: uint("slots"),
    slotBytes: uint("slot_size"),
    active: active < 0 ? undefined : active,
    isConfirmed: map.get("confirmed") === true,
    ramBytes: uint("ram"),
    securityCounter: uint("counter"),
    bootId: uint("boot"),
    uptimeMs: uint("up"),
    isDevelopment: map.get("dev") === true,
    inputBytes: optional("in"),
    outputBytes: optional("out"),
    stepCount: optional("steps"),
    manifestHash: optional("hash"),
    monitorsBytes: optional("monitors"),
    refused: optional("refused"),
  };
}

export function parseImages(map: SmpMap): ImageState[] {
  const images = map.get("images");
  if (!Array.isArray(images)) throw unexpected("images", "images", images, "an array");
  return images.map((entry) => {
    if (!(entry instanceof Map)) throw unexpected("images", "entry", entry, "a map");
    const hash = entry.get("hash");
    return {
      slot: numberOf(entry, "slot", "images"),
      version: textOf(entry, "version", "images"),
      hash: hash instanceof Uint8Array ? hash : undefined,
      isActive: entry.get("active") === true,
      isConfirmed: entry.get("confirmed") === true,
      isPending: entry.get("pending") === true,
      isPermanent: entry.get("permanent") === true,
    };
  });
}

export function numberOf(map: SmpMap, key: string, where: string): number {
  const value = map.get(key);
  if (typeof value !== "number") throw unexpected(where, key, value, "a number");
  return value;
}

export function bytesOf(map: SmpMap, key: string, where: string): Uint8Array {
  const value = map.get(key);
  if (!(value instanceof Uint8Array)) throw unexpected(where, key, value, "bytes");
  return value;
}

function textOf(map: SmpMap, key: string, where: string): string {
  const value = map.get(key);
  if (typeof value !== "string") throw unexpected(where, key, value, "a text");
  return value;
}

function unexpected(where: string, key: string, value: CborValue | undefined, expected: string): PithError {
  const received = value === undefined ? "missing" : value === null ? "null" : typeof value;
  return new PithError(
    "link",
    `device ${where}: "${key}" is ${received}, expected ${expected} (update pith or the agent)`,
  );
}
