/* The library functions that the agent and its compiler need, without unaligned accesses: those trap on this board. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The loops must not be recognized as the functions that they implement. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")

typedef uint32_t __attribute__((may_alias)) word;

void *memcpy(void *restrict to, const void *restrict from, size_t bytes) {
  uint8_t *t = to;
  const uint8_t *f = from;
  if ((((uintptr_t)t | (uintptr_t)f) & 3u) == 0)
    for (; bytes >= 4; bytes -= 4, t += 4, f += 4) *(word *)(void *)t = *(const word *)(const void *)f;
  while (bytes-- > 0) *t++ = *f++;
  return to;
}

void *memmove(void *to, const void *from, size_t bytes) {
  uint8_t *t = to;
  const uint8_t *f = from;
  if ((uintptr_t)t - (uintptr_t)f >= bytes) return memcpy(to, from, bytes);
  while (bytes-- > 0) t[bytes] = f[bytes];
  return to;
}

void *memset(void *to, int value, size_t bytes) {
  uint8_t *t = to;
  const uint32_t four = (uint8_t)value * 0x01010101u;
  for (; bytes > 0 && ((uintptr_t)t & 3u) != 0; bytes--) *t++ = (uint8_t)value;
  for (; bytes >= 4; bytes -= 4, t += 4) *(word *)(void *)t = four;
  while (bytes-- > 0) *t++ = (uint8_t)value;
  return to;
}

int memcmp(const void *a, const void *b, size_t bytes) {
  const uint8_t *x = a, *y = b;
  for (; bytes > 0; bytes--, x++, y++)
    if (*x != *y) return *x - *y;
  return 0;
}

size_t strlen(const char *text) {
  size_t n = 0;
  while (text[n]) n++;
  return n;
}
