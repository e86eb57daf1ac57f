/**
 * A simulated accelerometer on the housing of a small motor: 100 Hz, three axes, in g. Not a recording of anything.
 * Every term has a physical reason, so that a model must learn the same distinctions as on a real machine:
 *
 * - Imbalance is a mass m at eccentricity e on a rotor of mass M: a force m e w^2. On a mount of natural frequency
 *   f_n and damping z the housing moves by X = (m e / M) r^2 / sqrt((1 - r^2)^2 + (2 z r)^2), r = f / f_n, and its
 *   acceleration is w^2 X (den Hartog, Mechanical Vibrations, rotating unbalance). Every motor has some; the fault has more.
 * - Misalignment and looseness add 2x and 3x; the axial direction sees mostly 2x.
 * - A defect on the inner race of a bearing strikes 5.43 times a turn (6205 geometry), stronger when it passes the
 *   load zone once a turn; each blow rings at about 1.9 kHz and dies in milliseconds. At 100 Hz that is far above
 *   Nyquist: the samples see it aliased, as bursts of noise with the rhythm of the shaft.
 * - Speed wanders (load, supply) as an Ornstein-Uhlenbeck process; no two recordings have the same placement of the
 *   sensor (rotation), speed, severity or residual imbalance; the sensor has bias, noise, a range of 8 g and 4096 LSB/g.
 *
 * The drift is a sensor whose mount loosens: the joint's own resonance comes down to 17 Hz, gain falls, the
 * sensor tilts and rattles (blows whenever the acceleration of the joint exceeds what still holds it).
 */
import { type Dataset, dataset, type Splits } from "./dataset.ts";
import { RandomStream } from "./random-stream.ts";

export const MOTOR_CLASSES = ["bearing", "idle", "imbalance", "load", "off"] as const;
export type MotorState = (typeof MOTOR_CLASSES)[number];

export const MOTOR_RATE_HZ = 100;
export const MOTOR_WINDOW = 200;
const RECORDING_SAMPLES = 250;
const HOP = 50;
const WINDOWS_PER_RECORDING = (RECORDING_SAMPLES - MOTOR_WINDOW) / HOP + 1;

export interface SimulateMotorOptions {
  readonly seed?: number;
  /** Recordings of 2.5 s of each class in each split; two overlapping windows come from one. */
  readonly trainRecordings?: number;
  readonly testRecordings?: number;
  /** How far the sensor's mount has loosened, 0 (tight) to 1. */
  readonly loosened?: number;
}

/** 1000 training and 300 test windows f32 [200, 3] named `accel`, by default. Same options, same values. */
export function simulateMotor(options: SimulateMotorOptions = {}): Splits {
  const { seed = 1, trainRecordings = 100, testRecordings = 30, loosened = 0 } = options;
  return {
    train: record(seed, 0, trainRecordings, loosened),
    test: record(seed, 1, testRecordings, loosened),
  };
}

function record(seed: number, split: number, recordings: number, loosened: number): Dataset {
  const count = recordings * MOTOR_CLASSES.length * WINDOWS_PER_RECORDING;
  const data = new Float32Array(count * MOTOR_WINDOW * 3);
  const labels = new Int32Array(count);
  const groups = new Int32Array(count);
  let at = 0;
  for (let recording = 0; recording < recordings; recording++)
    MOTOR_CLASSES.forEach((state, label) => {
      const group = recording * MOTOR_CLASSES.length + label;
      const signal = simulateRecording(state, new RandomStream(seed, [split, group]), loosened);
      for (let w = 0; w < WINDOWS_PER_RECORDING; w++, at++) {
        data.set(signal.subarray(w * HOP * 3, (w * HOP + MOTOR_WINDOW) * 3), at * MOTOR_WINDOW * 3);
        labels[at] = label;
        groups[at] = group;
      }
    });
  return dataset({
    inputs: { accel: { type: { dtype: "f32", shape: [MOTOR_WINDOW, 3] }, data } },
    labels,
    classes: MOTOR_CLASSES,
    groups,
  });
}

/** What differs between the states; ranges are drawn uniformly for each recording. */
interface Condition {
  /** Shaft speed. */
  readonly hz: readonly [number, number];
  /** m e / M in micrometres. */
  readonly imbalanceUm: readonly [number, number];
  /** Peak of a blow of the bearing defect, in g. */
  readonly blowG: readonly [number, number];
  /** Amplitude of 2x over 1x, and speed wander as a fraction. */
  readonly second: readonly [number, number];
  readonly wander: number;
}

/**
 * Residual imbalance is what ISO 21940-11 allows a fan or a small motor: grade G6.3, e w = 6.3 mm/s, 42 um at 24 Hz.
 * The fault starts a little above that.
 */
const RESIDUAL_UM = [25, 75] as const;

const CONDITIONS: Readonly<Record<MotorState, Condition>> = {
  off: { hz: [0, 0], imbalanceUm: [0, 0], blowG: [0, 0], second: [0, 0], wander: 0 },
  idle: { hz: [14, 19], imbalanceUm: RESIDUAL_UM, blowG: [0, 0], second: [0.1, 0.4], wander: 0.004 },
  load: { hz: [20, 27], imbalanceUm: RESIDUAL_UM, blowG: [0, 0], second: [0.2, 0.6], wander: 0.012 },
  imbalance: { hz: [18, 27], imbalanceUm: [90, 300], blowG: [0, 0], second: [0.05, 0.3], wander: 0.008 },
  bearing: { hz: [18, 27], imbalanceUm: RESIDUAL_UM, blowG: [0.15, 0.8], second: [0.2, 0.6], wander: 0.012 },
};

const G = 9.80665;
/** Soft mounts: every speed lies above their resonance, which idle is close to. */
const MOUNT_HZ = 12;
const MOUNT_DAMPING = 0.15;
const BLOWS_PER_TURN = 5.43;
const NOISE_G = 0.006;
const LSB_PER_G = 4096;
const RANGE_G = 8;

/** Acceleration of the housing, in g, for an imbalance of `um` micrometres at `hz`. */
export function imbalanceG(um: number, hz: number): number {
  const r = hz / MOUNT_HZ;
  const w = 2 * Math.PI * hz;
  return (w * w * um * 1e-6 * r * r) / Math.hypot(1 - r * r, 2 * MOUNT_DAMPING * r) / G;
}

function simulateRecording(state: MotorState, random: RandomStream, loosened: number): Float32Array {
  const condition = CONDITIONS[state];
  const hz = random.between(...condition.hz);
  const um = random.between(...condition.imbalanceUm);
  const blowG = random.between(...condition.blowG);
  const second = random.between(...condition.second);
  // Horizontal stiffness is below vertical; the axial direction sees mostly 2x.
  const [vertical, axial] = [random.between(0.5, 0.9), random.between(0.1, 0.35)];
  const phases = Array.from({ length: 4 }, () => random.between(0, 2 * Math.PI));
  const floor = { hz: random.between(5, 24), g: random.between(0.001, 0.01) };
  const sensor = placement(random, loosened);
  const bearing = new Bearing(random, blowG);
  const joint = new LooseJoint(random, loosened);
  const out = new Float32Array(RECORDING_SAMPLES * 3);
  let turns = random.between(0, 1);
  let wander = 0;
  for (let t = 0; t < RECORDING_SAMPLES; t++) {
    // Ornstein-Uhlenbeck with a time constant of 0.5 s.
    wander += -wander / 50 + condition.wander * Math.sqrt(2 / 50) * random.normal();
    const speed = hz * (1 + wander);
    const before = turns;
    turns += speed / MOTOR_RATE_HZ;
    const shaft = 2 * Math.PI * turns;
    const g1 = imbalanceG(um, speed);
    const g2 = second * imbalanceG(50, speed);
    const burst = bearing.sample(before, turns);
    const hum = floor.g * Math.sin((2 * Math.PI * floor.hz * t) / MOTOR_RATE_HZ + phases[3]!);
    const x =
      g1 * Math.cos(shaft) +
      g2 * Math.cos(2 * shaft + phases[0]!) +
      0.3 * g2 * Math.cos(3 * shaft + phases[1]!) +
      burst;
    const y = vertical * (g1 * Math.sin(shaft) + g2 * Math.sin(2 * shaft + phases[0]!)) + 0.6 * burst + hum;
    const z = axial * g1 * Math.cos(shaft + phases[2]!) + 0.7 * g2 * Math.cos(2 * shaft + phases[2]!) + 0.3 * burst;
    // Gravity points along -y of the motor.
    const seen = sensor(joint.sample([x, y, z]), [0, 1, 0]);
    for (let axis = 0; axis < 3; axis++) out[t * 3 + axis] = digitize(seen[axis]! + NOISE_G * random.normal());
  }
  return out;
}

const digitize = (g: number): number => Math.round(Math.min(RANGE_G, Math.max(-RANGE_G, g)) * LSB_PER_G) / LSB_PER_G;

type Vector = readonly [number, number, number];

/** Maps motor axes to sensor axes: any turn about the vertical, a tilt of up to 15 degrees (more when loose), bias. */
function placement(random: RandomStream, loosened: number): (vibration: Vector, gravity: Vector) => Vector {
  const turn = random.between(-Math.PI, Math.PI);
  const tilt = random.between(-0.26, 0.26) + loosened * random.between(0.15, 0.4);
  const bias: Vector = [random.between(-0.02, 0.02), random.between(-0.02, 0.02), random.between(-0.03, 0.03)];
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const [ct, st] = [Math.cos(tilt), Math.sin(tilt)];
  return ([vx, vy, vz], [gx, gy, gz]) => {
    const [x, y, z] = [vx + gx, vy + gy, vz + gz];
    const [x1, z1] = [c * x - s * z, s * x + c * z];
    return [x1 + bias[0], ct * y - st * z1 + bias[1], st * y + ct * z1 + bias[2]];
  };
}

/** Blows of a race defect, at 1.9 kHz ringing, sampled where they happen to be: aliased. */
class Bearing {
  readonly #random: RandomStream;
  readonly #blowG: number;
  readonly #ringHz: number;
  #next: number;

  constructor(random: RandomStream, blowG: number) {
    this.#random = random;
    this.#blowG = blowG;
    this.#ringHz = random.between(1700, 2100);
    this.#next = 0;
  }

  /** Acceleration at the end of a sample period during which the shaft went from turn `from` to turn `to`. */
  sample(from: number, to: number): number {
    if (this.#blowG === 0 || to <= from) return 0;
    let g = 0;
    if (this.#next < from) this.#next = from;
    while (this.#next < to) {
      const sinceS = (to - this.#next) / (to - from) / MOTOR_RATE_HZ;
      // Load zone at the bottom: the defect strikes hardest there; rolling elements slip by about 1 %.
      const load = 0.5 * (1 + Math.cos(2 * Math.PI * this.#next));
      g += this.#blowG * (0.15 + load) * Math.exp(-sinceS / 0.006) * Math.sin(2 * Math.PI * this.#ringHz * sinceS);
      this.#next += (1 + 0.01 * this.#random.normal()) / BLOWS_PER_TURN;
    }
    return g;
  }
}

/** A loosened mount: gain falls, a joint resonance at 17 Hz adds its response, and the sensor rattles. */
class LooseJoint {
  readonly #random: RandomStream;
  readonly #loosened: number;
  readonly #y: [number, number, number] = [0, 0, 0];
  readonly #y1: [number, number, number] = [0, 0, 0];

  constructor(random: RandomStream, loosened: number) {
    this.#random = random;
    this.#loosened = loosened;
  }

  sample(vibration: Vector): Vector {
    const k = this.#loosened;
    if (k === 0) return vibration;
    // Two-pole resonator y = x + 2 r cos(w) y' - r^2 y'', unit gain at resonance times 2.
    const [r, w] = [0.9, (2 * Math.PI * 17) / MOTOR_RATE_HZ];
    const out: [number, number, number] = [0, 0, 0];
    for (let axis = 0; axis < 3; axis++) {
      const y = 2 * (1 - r) * vibration[axis]! + 2 * r * Math.cos(w) * this.#y[axis]! - r * r * this.#y1[axis]!;
      this.#y1[axis] = this.#y[axis]!;
      this.#y[axis] = y;
      const rattle =
        Math.abs(vibration[axis]!) > 0.04 ? 0.25 * this.#random.normal() * Math.abs(vibration[axis]!) ** 0.5 : 0;
      out[axis] = (1 - 0.4 * k) * vibration[axis]! + k * (y + rattle);
    }
    return out;
  }
}
