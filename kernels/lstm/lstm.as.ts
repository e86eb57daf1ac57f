/**
 * LSTM over a sequence, gates in the order input, forget, cell, output: w [4][units][inputs], r [4][units][units], bias
 * [4][units]. x and y: [batch, steps, .] or, `timeMajor`, [steps, batch, .]. hidden and cell: [batch, units]; hiddenNext
 * and cellNext may be the same buffers. y must not alias an input. A step of one sequence at a time: batches do not meet.
 */
import { sigmoid_i16 } from "../loops/sigmoid-i16.as";
import { clamp, requantize } from "../numerics/requantize.as";
import { requantize_wide } from "../numerics/requantize-wide.as";
import { logistic_scalar, tanh_scalar } from "../numerics/transcendental.as";

// @ts-ignore: decorator
@inline
function saturate(x: i32): i32 {
  return clamp(x, -32768, 32767);
}

/** logistic (gates) or tanh of `n` Q3.12 values in place; Q0.15 comes out. */
function squash(tanh: bool, gate: usize, table: usize, n: i32): void {
  if (tanh) sigmoid_i16(true, gate, gate, table, 3, 0, n);
  else sigmoid_i16(false, gate, gate, table, 3, 0, n);
}

// @ts-ignore: decorator
@inline
function scaled(product: i32, params: usize): i32 {
  return requantize(product, load<i32>(params), load<i32>(params, 4));
}

/**
 * The new cell state from the gates [input, forget, cell, output] of `units` Q0.15 values, then its tanh in the forget
 * gate's place. params: i32 multipliers and shifts of forget * cell, input * gate, tanh * output.
 */
function updateCell(gates: usize, cell: usize, table: usize, params: usize, units: i32, clip: i32, m: i32, shift: i32): void {
  const step = (<usize>units) << 1;
  for (let u: usize = 0; u < step; u += 2) {
    const input = load<i16>(gates + u) as i32;
    const forget = load<i16>(gates + step + u) as i32;
    const candidate = load<i16>(gates + 2 * step + u) as i32;
    const kept = saturate(scaled(forget * (load<i16>(cell + u) as i32), params));
    const sum = saturate(kept + saturate(scaled(input * candidate, params + 8)));
    store<i16>(cell + u, clip >= 0 ? clamp(sum, -clip, clip) : sum);
  }
  sigmoid_i16(true, cell, gates + step, table, m, shift, units);
}

/**
 * int8 activations and hidden state, int8 weights, i32 bias, int16 cell state with a power of two as scale; a scale a
 * gate. params: i32 { multiplier, shift } of the input and of the recurrent product of each gate, then of the three
 * products of updateCell. table: u16 [256] of sigmoid_i16. scratch: i16 [4][units], 2-aligned. tanhM, tanhShift: the
 * cell state to the table's steps. clip: of the cell state in codes, -1 for none. Rounding: requantize; each of both
 * products is rounded and saturated to Q3.12, then their sum. Overflow: |x - zp| <= 255 and |w| <= 128 allow 65 793
 * inputs or units.
 */
export function lstm_i8(
  x: usize, w: usize, r: usize, bias: usize, hidden: usize, cell: usize, y: usize, hiddenNext: usize, cellNext: usize,
  params: usize, table: usize, scratch: usize, batch: i32, steps: i32, inputs: i32, units: i32, timeMajor: i32,
  zpX: i32, zpH: i32, clip: i32, tanhM: i32, tanhShift: i32,
): void {
  if (hiddenNext != hidden) memory.copy(hiddenNext, hidden, batch * units);
  if (cellNext != cell) memory.copy(cellNext, cell, (batch * units) << 1);
  for (let b = 0; b < batch; b++) {
    const h = hiddenNext + b * units;
    for (let t = 0; t < steps; t++) {
      const at = timeMajor ? t * batch + b : b * steps + t;
      const from = x + at * inputs;
      let wg = w;
      let rg = r;
      let bg = bias;
      let gate = scratch;
      for (let g = 0; g < 4; g++) {
        const p = params + (g << 4);
        for (let u = 0; u < units; u++) {
          let acc = load<i32>(bg);
          for (let i = 0; i < inputs; i++) acc += ((load<i8>(from + i) as i32) - zpX) * (load<i8>(wg++) as i32);
          let back = 0;
          for (let i = 0; i < units; i++) back += ((load<i8>(h + i) as i32) - zpH) * (load<i8>(rg++) as i32);
          store<i16>(gate, saturate(saturate(scaled(acc, p)) + saturate(scaled(back, p + 8))));
          bg += 4;
          gate += 2;
        }
        squash(g == 2, gate - (units << 1), table, units);
      }
      updateCell(scratch, cellNext + ((b * units) << 1), table, params + 64, units, clip, tanhM, tanhShift);
      const to = y + at * units;
      for (let u = 0; u < units; u++) {
        const product = (load<i16>(scratch + ((units + u) << 1)) as i32) * (load<i16>(scratch + ((3 * units + u) << 1)) as i32);
        const value = clamp(scaled(product, params + 80) + zpH, -128, 127);
        store<i8>(h + u, value);
        store<i8>(to + u, value);
      }
    }
  }
}

/** Products of int16 and int8 in 64 bits, runs of 511 in 32 (511 * 2^22 < 2^31). */
function dot(x: usize, w: usize, n: i32): i64 {
  let sum: i64 = 0;
  for (let i = 0; i < n; ) {
    const stop = min(i + 511, n);
    let run = 0;
    for (; i < stop; i++) run += (load<i16>(x + (i << 1)) as i32) * (load<i8>(w + i) as i32);
    sum += run as i64;
  }
  return sum;
}

/**
 * int16 activations and hidden state, symmetric; i64 bias. As lstm_i8 otherwise, with params of the gates' products as
 * requantize_wide wants them: { multiplier, right shift }.
 */
export function lstm_i16(
  x: usize, w: usize, r: usize, bias: usize, hidden: usize, cell: usize, y: usize, hiddenNext: usize, cellNext: usize,
  params: usize, table: usize, scratch: usize, batch: i32, steps: i32, inputs: i32, units: i32, timeMajor: i32,
  clip: i32, tanhM: i32, tanhShift: i32,
): void {
  if (hiddenNext != hidden) memory.copy(hiddenNext, hidden, (batch * units) << 1);
  if (cellNext != cell) memory.copy(cellNext, cell, (batch * units) << 1);
  for (let b = 0; b < batch; b++) {
    const h = hiddenNext + ((b * units) << 1);
    for (let t = 0; t < steps; t++) {
      const at = timeMajor ? t * batch + b : b * steps + t;
      const from = x + ((at * inputs) << 1);
      let wg = w;
      let rg = r;
      let bg = bias;
      let gate = scratch;
      for (let g = 0; g < 4; g++) {
        const p = params + (g << 4);
        for (let u = 0; u < units; u++) {
          const acc = load<i64>(bg) + dot(from, wg, inputs);
          const back = dot(h, rg, units);
          const now = saturate(requantize_wide(acc, load<i32>(p), load<i32>(p, 4)));
          store<i16>(gate, saturate(now + saturate(requantize_wide(back, load<i32>(p, 8), load<i32>(p, 12)))));
          wg += inputs;
          rg += units;
          bg += 8;
          gate += 2;
        }
        squash(g == 2, gate - (units << 1), table, units);
      }
      updateCell(scratch, cellNext + ((b * units) << 1), table, params + 64, units, clip, tanhM, tanhShift);
      const to = y + ((at * units) << 1);
      for (let u = 0; u < units; u++) {
        const product = (load<i16>(scratch + ((units + u) << 1)) as i32) * (load<i16>(scratch + ((3 * units + u) << 1)) as i32);
        const value = saturate(scaled(product, params + 80));
        store<i16>(h + (u << 1), value);
        store<i16>(to + (u << 1), value);
      }
    }
  }
}

/**
 * f32. Each gate sums bias, inputs and units in that order, ascending, the recurrent part in an accumulator of its own.
 * scratch: f32 [4][units], 4-aligned. clip: 0 for none.
 */
export function lstm_f32(
  x: usize, w: usize, r: usize, bias: usize, hidden: usize, cell: usize, y: usize, hiddenNext: usize, cellNext: usize,
  scratch: usize, batch: i32, steps: i32, inputs: i32, units: i32, timeMajor: i32, clip: f32,
): void {
  if (hiddenNext != hidden) memory.copy(hiddenNext, hidden, (batch * units) << 2);
  if (cellNext != cell) memory.copy(cellNext, cell, (batch * units) << 2);
  const step = (<usize>units) << 2;
  for (let b = 0; b < batch; b++) {
    const h = hiddenNext + b * step;
    const c = cellNext + b * step;
    for (let t = 0; t < steps; t++) {
      const at = timeMajor ? t * batch + b : b * steps + t;
      const from = x + ((at * inputs) << 2);
      let wg = w;
      let rg = r;
      for (let g = 0; g < 4 * units; g++) {
        let acc = load<f32>(bias + (g << 2));
        for (let i = 0; i < inputs; i++) {
          acc += load<f32>(from + (i << 2)) * load<f32>(wg);
          wg += 4;
        }
        let back: f32 = 0;
        for (let i = 0; i < units; i++) {
          back += load<f32>(h + (i << 2)) * load<f32>(rg);
          rg += 4;
        }
        store<f32>(scratch + (g << 2), acc + back);
      }
      const to = y + at * step;
      for (let u: usize = 0; u < step; u += 4) {
        const input = logistic_scalar(load<f32>(scratch + u));
        const forget = logistic_scalar(load<f32>(scratch + step + u));
        const candidate = tanh_scalar(load<f32>(scratch + 2 * step + u));
        const output = logistic_scalar(load<f32>(scratch + 3 * step + u));
        const sum = forget * load<f32>(c + u) + input * candidate;
        const value = clip > 0 ? min<f32>(max<f32>(sum, -clip), clip) : sum;
        store<f32>(c + u, value);
        const out = tanh_scalar(value) * output;
        store<f32>(h + u, out);
        store<f32>(to + u, out);
      }
    }
  }
}
