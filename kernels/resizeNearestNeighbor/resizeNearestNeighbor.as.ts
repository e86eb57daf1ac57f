/**
 * Any dtype: dst [batch, oh, ow, pixel bytes] from src images of `image` bytes; table: i32 [oh] offsets of source lines,
 * then i32 [ow] offsets of source pixels in a line, bytes. dst must not alias src.
 */
export function resizeNearestNeighbor_bytes(src: usize, dst: usize, table: usize, batch: i32, oh: i32, ow: i32, pixel: i32, image: i32): void {
  const columns = table + (oh << 2);
  for (let n = 0; n < batch; n++) {
    for (let y = 0; y < oh; y++) {
      const line = src + load<i32>(table + (y << 2));
      for (let x = 0; x < ow; x++) {
        memory.copy(dst, line + load<i32>(columns + (x << 2)), pixel);
        dst += pixel;
      }
    }
    src += image;
  }
}
