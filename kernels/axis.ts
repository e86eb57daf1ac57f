/** `axis` of a tensor of `rank` dimensions, a negative one from the end; the caller checks the range. */
export const axisOf = (rank: number, axis: number): number => (axis < 0 ? axis + rank : axis);
