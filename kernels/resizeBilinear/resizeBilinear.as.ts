/**
 * Four neighbours of an output pixel, by tables (resizeBilinear.ts): i32 or f32 { lower offset, upper offset, fraction }
 * for each output line, then for each output column; offsets are bytes.
 */

/**
 * f32: the sum of the four in the order lower-lower, upper-lower, lower-upper, upper-upper (line, column), each times
 * its weights. dst must not alias src.
 */
export function resizeBilinear_f32(src: usize, dst: usize, table: usize, batch: i32, oh: i32, ow: i32, c: i32, image: i32): void {
  const columns = table + oh * 12;
  for (let n = 0; n < batch; n++) {
    for (let y = 0; y < oh; y++) {
      const row = table + y * 12;
      const upper = src + load<i32>(row, 4);
      const lower = src + load<i32>(row);
      const fy = load<f32>(row, 8);
      for (let x = 0; x < ow; x++) {
        const column = columns + x * 12;
        const left = load<i32>(column);
        const right = load<i32>(column, 4);
        const fx = load<f32>(column, 8);
        for (let i = 0; i < c << 2; i += 4) {
          const sum =
            load<f32>(lower + left + i) * (1 - fy) * (1 - fx) +
            load<f32>(upper + left + i) * fy * (1 - fx) +
            load<f32>(lower + right + i) * (1 - fy) * fx +
            load<f32>(upper + right + i) * fy * fx;
          store<f32>(dst, sum);
          dst += 4;
        }
      }
    }
    src += image;
  }
}

/**
 * int8: fractions in 1024ths, the sum in 2^-20 rounded half away from zero. dst must not alias src.
 * Overflow: weights are within [-512, 1536] and those of one axis add to 1024, so each product is below 2^29.
 */
export function resizeBilinear_i8(src: usize, dst: usize, table: usize, batch: i32, oh: i32, ow: i32, c: i32, image: i32): void {
  const columns = table + oh * 12;
  for (let n = 0; n < batch; n++) {
    for (let y = 0; y < oh; y++) {
      const row = table + y * 12;
      const lower = src + load<i32>(row);
      const upper = src + load<i32>(row, 4);
      const fy = load<i32>(row, 8);
      for (let x = 0; x < ow; x++) {
        const column = columns + x * 12;
        const left = load<i32>(column);
        const right = load<i32>(column, 4);
        const fx = load<i32>(column, 8);
        const w00 = (1024 - fy) * (1024 - fx);
        const w10 = fy * (1024 - fx);
        const w01 = (1024 - fy) * fx;
        const w11 = fy * fx;
        for (let i = 0; i < c; i++) {
          const sum =
            (load<i8>(lower + left + i) as i32) * w00 +
            (load<i8>(upper + left + i) as i32) * w10 +
            (load<i8>(lower + right + i) as i32) * w01 +
            (load<i8>(upper + right + i) as i32) * w11;
          store<i8>(dst, ((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20)) as i8);
          dst++;
        }
      }
    }
    src += image;
  }
}
