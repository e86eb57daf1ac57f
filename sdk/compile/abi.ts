/**
 * ABI v1: what a compiled model looks like to the code that calls it. One table; the C header of the agent
 * (`targets/agent/abi.h`), the host decoder and `docs/design/abi.md` are generated from it.
 *
 * C functions (all return 0 or a negative status):
 *   int32_t <name>_init(void *ram)            resets state and monitors; no other initialization exists
 *   int32_t <name>_infer(void *ram)           steps 0..n-1
 *   int32_t <name>_step(void *ram, int32_t i) one step of the plan
 *   int32_t <name>_monitors_reset(void *ram)  zeroes the monitors only
 * WASM exports the same names without `ram`. `ram` is 16-aligned and holds the arena, then the state
 * (monitors are a contiguous part of the state).
 */

export const ABI_VERSION = 1;

/** "pith" in little-endian ASCII. */
export const DESCRIPTOR_MAGIC = 0x68746970;

/**
 * The image descriptor: u32 little-endian words at the start of a device image's payload, which is 16-aligned.
 * Fields named `…Offset` are relative to the descriptor itself (code, tables, self-test) or to `ram`
 * (inputs, outputs, state, monitors, as stated). Function offsets carry the Thumb bit where the core has one.
 */
export const DESCRIPTOR_FIELDS = [
  ["magic", "0x68746970"],
  ["abi", "ABI version, 1"],
  ["descriptorBytes", "size of this descriptor"],
  ["imageBytes", "size of the whole payload, descriptor included"],
  ["target", "a TARGETS id: the core, float ABI and features that the code was compiled for"],
  ["kernelVersion", "version of the kernel library"],
  ["ramBytes", "arena and state"],
  ["ramAlignment", "16"],
  ["stackBytes", "bound of the deepest call, one exception frame included"],
  ["initOffset", "function"],
  ["inferOffset", "function"],
  ["stepOffset", "function"],
  ["monitorsResetOffset", "function"],
  ["stepCount", "number of steps"],
  ["stepsOffset", "table of stepCount × { u32 output offset in ram, u32 bytes }"],
  ["inputCount", "number of inputs"],
  ["inputsOffset", "table of inputCount × { u32 offset in ram, u32 bytes }"],
  ["outputCount", "number of outputs"],
  ["outputsOffset", "table of outputCount × { u32 offset in ram, u32 bytes }"],
  ["stateOffset", "in ram"],
  ["stateBytes", "monitors included"],
  ["monitorsOffset", "in ram"],
  ["monitorsBytes", "0 where the model has none"],
  ["selfTestCount", "number of self-test vectors"],
  ["selfTestOffset", "table of selfTestCount × { u32 seed, u32 CRC-32 of all outputs in order }"],
  ["manifestHash", "first 4 bytes of the SHA-256 of the manifest, little-endian"],
  ["reserved0", "0"],
  ["reserved1", "0"],
] as const satisfies readonly (readonly [string, string])[];

export type DescriptorField = (typeof DESCRIPTOR_FIELDS)[number][0];
export type Descriptor = Readonly<Record<DescriptorField, number>>;
export const DESCRIPTOR_BYTES = DESCRIPTOR_FIELDS.length * 4;

/** Machine targets a device image can be made for; the agent refuses every id but its own. */
export const TARGETS = {
  x86_64: 1,
  aarch64: 2,
  riscv32: 3,
  "cortex-m0plus": 0x0100,
  "cortex-m3": 0x0103,
  "cortex-m4": 0x0104,
  "cortex-m7": 0x0107,
  "cortex-m33": 0x0121,
  "cortex-m55": 0x0137,
} as const;

/**
 * The seeded self-test input: byte i of the concatenated inputs is the low byte of xorshift32 (Marsaglia 2003,
 * shifts 13, 17, 5) after i + 1 steps from `seed`. State and monitors are reset before and after each vector.
 */
export function selfTestInput(seed: number, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  let x = seed >>> 0;
  for (let i = 0; i < bytes; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    out[i] = x & 0xff;
  }
  return out;
}

export function encodeDescriptor(fields: Descriptor): Uint8Array {
  const out = new DataView(new ArrayBuffer(DESCRIPTOR_BYTES));
  DESCRIPTOR_FIELDS.forEach(([name], i) => out.setUint32(i * 4, fields[name] >>> 0, true));
  return new Uint8Array(out.buffer);
}

/** Decodes the first DESCRIPTOR_BYTES of an image payload; throws when it is short or not a descriptor. */
export function decodeDescriptor(payload: Uint8Array): Descriptor {
  if (payload.length < DESCRIPTOR_BYTES)
    throw new Error(`image: ${payload.length} bytes, expected at least ${DESCRIPTOR_BYTES} for the descriptor`);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const fields = Object.fromEntries(
    DESCRIPTOR_FIELDS.map(([name], i) => [name, view.getUint32(i * 4, true)]),
  ) as Record<DescriptorField, number>;
  if (fields.magic !== DESCRIPTOR_MAGIC)
    throw new Error(
      `image: magic is 0x${fields.magic.toString(16).padStart(8, "0")}, expected 0x${DESCRIPTOR_MAGIC.toString(16)} (is this a pith image?)`,
    );
  return fields;
}
