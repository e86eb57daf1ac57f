/*
 * Field elements are integers mod p = 2^255 - 19 in eight 32-bit words, little-endian, kept below 2^256 only: since
 * 2^256 = 38 (mod p), a carry out of the top word comes back as 38 at the bottom. `fe_freeze` makes them unique.
 *
 * Points are (X : Y : Z : T) with x = X/Z, y = Y/Z, xy = T/Z on -x^2 + y^2 = 1 + d x^2 y^2; formulas are those of
 * Hisil, Wong, Carter, Dawson 2008 (add-2008-hwcd-3, dbl-2008-hwcd), complete on this curve.
 *
 * Checked: encode(S B - h A) == R, with h = SHA-512(R | A | M) mod L and both scalars in one pass (Shamir's trick).
 */
#include "ed25519.h"

#include <string.h>

#include "sha512.h"

typedef uint32_t fe[8];

typedef struct {
  fe x, y, z, t;
} point;

static const fe ONE = {1, 0, 0, 0, 0, 0, 0, 0};
static const fe D = {0x135978a3u, 0x75eb4dcau, 0x4141d8abu, 0x00700a4du,
                     0x7779e898u, 0x8cc74079u, 0x2b6ffe73u, 0x52036ceeu};
static const fe SQRT_MINUS_ONE = {0x4a0ea0b0u, 0xc4ee1b27u, 0xad2fe478u, 0x2f431806u,
                                  0x3dfbd7a7u, 0x2b4d0099u, 0x4fc1df0bu, 0x2b832480u};
static const fe BASE_X = {0x8f25d51au, 0xc9562d60u, 0x9525a7b2u, 0x692cc760u,
                          0xfdd6dc5cu, 0xc0a4e231u, 0xcd6e53feu, 0x216936d3u};
static const fe BASE_Y = {0x66666658u, 0x66666666u, 0x66666666u, 0x66666666u,
                          0x66666666u, 0x66666666u, 0x66666666u, 0x66666666u};
/* L = 2^252 + 27742317777372353535851937790883648493, the order of the base point. */
static const uint32_t ORDER[8] = {0x5cf5d3edu, 0x5812631au, 0xa2f79cd6u, 0x14def9deu, 0, 0, 0, 0x10000000u};

static void load(uint32_t out[8], const uint8_t in[32]) {
  for (unsigned i = 0; i < 8; i++)
    out[i] = (uint32_t)in[4 * i] | (uint32_t)in[4 * i + 1] << 8 | (uint32_t)in[4 * i + 2] << 16 |
             (uint32_t)in[4 * i + 3] << 24;
}

static void fe_copy(fe out, const fe a) { memcpy(out, a, sizeof(fe)); }

/* a += 38 * carry, until nothing carries: at most three rounds. */
static void fe_fold(fe a, uint32_t carry) {
  while (carry != 0) {
    uint64_t c = (uint64_t)carry * 38u;
    for (unsigned i = 0; i < 8; i++) {
      c += a[i];
      a[i] = (uint32_t)c;
      c >>= 32;
    }
    carry = (uint32_t)c;
  }
}

static void fe_add(fe out, const fe a, const fe b) {
  uint64_t c = 0;
  for (unsigned i = 0; i < 8; i++) {
    c += (uint64_t)a[i] + b[i];
    out[i] = (uint32_t)c;
    c >>= 32;
  }
  fe_fold(out, (uint32_t)c);
}

/* a - b; a borrow is 2^256 too much, hence 38 less, which may borrow once more. */
static void fe_sub(fe out, const fe a, const fe b) {
  uint32_t borrow = 0;
  for (unsigned i = 0; i < 8; i++) {
    const uint64_t c = (uint64_t)a[i] - b[i] - borrow;
    out[i] = (uint32_t)c;
    borrow = (uint32_t)(c >> 32) & 1u;
  }
  while (borrow != 0) {
    borrow *= 38u;
    for (unsigned i = 0; i < 8; i++) {
      const uint64_t c = (uint64_t)out[i] - borrow;
      out[i] = (uint32_t)c;
      borrow = (uint32_t)(c >> 32) & 1u;
    }
  }
}

/* Words, so that nothing overflows: (2^32 - 1)^2 + 2 (2^32 - 1) = 2^64 - 1. `out` may be `a` or `b`. */
static void fe_mul(fe out, const fe a, const fe b) {
  uint32_t t[16] = {0};
  for (unsigned i = 0; i < 8; i++) {
    uint64_t c = 0;
    for (unsigned j = 0; j < 8; j++) {
      c += (uint64_t)a[i] * b[j] + t[i + j];
      t[i + j] = (uint32_t)c;
      c >>= 32;
    }
    t[i + 8] = (uint32_t)c;
  }
  uint64_t c = 0;
  for (unsigned i = 0; i < 8; i++) {
    c += (uint64_t)t[i + 8] * 38u + t[i];
    out[i] = (uint32_t)c;
    c >>= 32;
  }
  fe_fold(out, (uint32_t)c);
}

/* a^(2^252 - 3): all 252 bits are ones but bit 1. `out` must not be `a`. */
static void fe_power(fe out, const fe a) {
  fe_copy(out, a);
  for (int bit = 250; bit >= 0; bit--) {
    fe_mul(out, out, out);
    if (bit != 1) fe_mul(out, out, a);
  }
}

/* a^(p - 2), where p - 2 = 8 (2^252 - 3) + 3. */
static void fe_invert(fe out, const fe a) {
  fe power;
  fe_power(power, a);
  for (unsigned i = 0; i < 3; i++) fe_mul(power, power, power);
  fe_mul(out, a, a);
  fe_mul(out, out, a);
  fe_mul(out, out, power);
}

/* The representative below p. Bit 255 counts 19; then a >= p exactly when a + 19 reaches bit 255. */
static void fe_freeze(fe a) {
  fe t = {0};
  t[0] = 19u * (a[7] >> 31);
  a[7] &= 0x7fffffffu;
  fe_add(a, a, t);
  t[0] = 19;
  fe_add(t, a, t);
  if (t[7] >> 31 != 0) {
    fe_copy(a, t);
    a[7] &= 0x7fffffffu;
  }
}

static int fe_is_zero(const fe a) {
  fe t;
  uint32_t any = 0;
  fe_copy(t, a);
  fe_freeze(t);
  for (unsigned i = 0; i < 8; i++) any |= t[i];
  return any == 0;
}

static int fe_equal(const fe a, const fe b) {
  fe t;
  fe_sub(t, a, b);
  return fe_is_zero(t);
}

static void fe_negate(fe a) {
  static const fe zero = {0};
  fe_sub(a, zero, a);
}

static void point_add(point *p, const point *q) {
  fe a, b, c, d, e;
  fe_sub(a, p->y, p->x);
  fe_sub(e, q->y, q->x);
  fe_mul(a, a, e);
  fe_add(b, p->y, p->x);
  fe_add(e, q->y, q->x);
  fe_mul(b, b, e);
  fe_mul(c, p->t, q->t);
  fe_mul(c, c, D);
  fe_add(c, c, c);
  fe_mul(d, p->z, q->z);
  fe_add(d, d, d);
  fe_sub(e, b, a);
  fe_add(b, b, a);
  fe_sub(a, d, c);
  fe_add(d, d, c);
  fe_mul(p->x, e, a);
  fe_mul(p->y, d, b);
  fe_mul(p->t, e, b);
  fe_mul(p->z, a, d);
}

static void point_double(point *p) {
  fe a, b, c, e;
  fe_mul(a, p->x, p->x);
  fe_mul(b, p->y, p->y);
  fe_mul(c, p->z, p->z);
  fe_add(c, c, c);
  fe_add(e, p->x, p->y);
  fe_mul(e, e, e);
  fe_sub(e, e, a);
  fe_sub(e, e, b);  /* E = 2XY */
  fe_add(p->z, a, b);
  fe_sub(b, b, a);  /* G = Y^2 - X^2 */
  fe_sub(a, b, c);  /* F = G - 2Z^2 */
  fe_negate(p->z);  /* H = -X^2 - Y^2 */
  fe_mul(p->x, e, a);
  fe_mul(p->y, b, p->z);
  fe_mul(p->t, e, p->z);
  fe_mul(p->z, a, b);
}

/* Decodes a point; -1 when the bytes are not the canonical encoding of one. */
static int point_load(point *p, const uint8_t in[32]) {
  fe u, v, w;
  load(p->y, in);
  const uint32_t sign = p->y[7] >> 31;
  p->y[7] &= 0x7fffffffu;
  fe_copy(u, p->y);
  fe_freeze(u);
  if (memcmp(u, p->y, sizeof(fe)) != 0) return -1;

  /* x^2 = u/v with u = y^2 - 1, v = d y^2 + 1; x = u v^3 (u v^7)^((p - 5)/8) up to a square root of -1. */
  fe_mul(u, p->y, p->y);
  fe_mul(v, u, D);
  fe_sub(u, u, ONE);
  fe_add(v, v, ONE);
  fe_mul(w, v, v);
  fe_mul(p->t, w, v);        /* v^3 */
  fe_mul(w, p->t, p->t);
  fe_mul(w, w, v);
  fe_mul(w, w, u);           /* u v^7 */
  fe_power(p->x, w);
  fe_mul(p->x, p->x, p->t);
  fe_mul(p->x, p->x, u);

  fe_mul(w, p->x, p->x);
  fe_mul(w, w, v);           /* v x^2: u, -u, or there is no root */
  if (!fe_equal(w, u)) {
    fe_negate(w);
    if (!fe_equal(w, u)) return -1;
    fe_mul(p->x, p->x, SQRT_MINUS_ONE);
  }
  fe_freeze(p->x);
  if ((p->x[0] & 1u) != sign) {
    if (fe_is_zero(p->x)) return -1;
    fe_negate(p->x);
  }
  fe_copy(p->z, ONE);
  fe_mul(p->t, p->x, p->y);
  return 0;
}

static int point_equals_encoding(const point *p, const uint8_t bytes[32]) {
  fe x, y, z;
  uint32_t want[8];
  fe_invert(z, p->z);
  fe_mul(x, p->x, z);
  fe_mul(y, p->y, z);
  fe_freeze(x);
  fe_freeze(y);
  y[7] |= x[0] << 31;
  load(want, bytes);
  return memcmp(y, want, sizeof(fe)) == 0;
}

static int is_small_order(const point *p) {
  point q = *p;
  for (unsigned i = 0; i < 3; i++) point_double(&q);
  return fe_is_zero(q.x); /* 8 P is a multiple of 8, so x = 0 means the neutral element */
}

/* s -= L where s >= L; says whether it was. */
static int scalar_reduce(uint32_t s[8]) {
  uint32_t t[8];
  uint32_t borrow = 0;
  for (unsigned i = 0; i < 8; i++) {
    const uint64_t c = (uint64_t)s[i] - ORDER[i] - borrow;
    t[i] = (uint32_t)c;
    borrow = (uint32_t)(c >> 32) & 1u;
  }
  if (borrow != 0) return 0;
  memcpy(s, t, sizeof t);
  return 1;
}

/* h = digest mod L, bit by bit from the top: h < L < 2^253, so 2h + 1 fits. */
static void scalar_from_digest(uint32_t h[8], const uint8_t digest[64]) {
  memset(h, 0, 32);
  for (unsigned bit = 512; bit-- > 0;) {
    for (unsigned i = 7; i > 0; i--) h[i] = h[i] << 1 | h[i - 1] >> 31;
    h[0] = h[0] << 1 | ((uint32_t)digest[bit / 8] >> (bit % 8) & 1u);
    (void)scalar_reduce(h);
  }
}

static void hash_scalar(uint32_t h[8], const uint8_t *r, const uint8_t *a, const uint8_t *message, size_t length) {
  pith_sha512 hash;
  uint8_t digest[64];
  pith_sha512_init(&hash);
  pith_sha512_update(&hash, r, 32);
  pith_sha512_update(&hash, a, 32);
  pith_sha512_update(&hash, message, length);
  pith_sha512_final(&hash, digest);
  scalar_from_digest(h, digest);
}

int pith_ed25519_verify(const uint8_t signature[64], const uint8_t *message, size_t length,
                        const uint8_t public_key[32]) {
  uint32_t s[8], h[8];
  point table[3]; /* B, -A, B - A: entry i - 1 for bits i of (h, s) */
  load(s, signature + 32);
  if (scalar_reduce(s)) return -1;
  if (point_load(&table[1], public_key) != 0 || is_small_order(&table[1])) return -1;
  fe_negate(table[1].x);
  fe_negate(table[1].t);
  fe_copy(table[0].x, BASE_X);
  fe_copy(table[0].y, BASE_Y);
  fe_copy(table[0].z, ONE);
  fe_mul(table[0].t, BASE_X, BASE_Y);
  table[2] = table[0];
  point_add(&table[2], &table[1]);
  hash_scalar(h, signature, public_key, message, length);

  point sum = {{0}, {1}, {1}, {0}};
  for (unsigned bit = 253; bit-- > 0;) {
    const unsigned i = (s[bit / 32] >> (bit % 32) & 1u) | (h[bit / 32] >> (bit % 32) & 1u) << 1;
    point_double(&sum);
    if (i != 0) point_add(&sum, &table[i - 1]);
  }
  return point_equals_encoding(&sum, signature) ? 0 : -1;
}
