/**
 * Arithmetic of f32, and division of f64, in integers, for cores whose libgcc has it with absolute jump tables, which an
 * image cannot carry (ARMv6-M). IEEE 754, round to nearest even, subnormals kept; every NaN is the quiet one.
 */
export const SOFT_FLOAT_C = `#include <stdint.h>
#define QUIET_NAN 0x7fc00000u
#define INFINITE 0x7f800000u
static int leading_zeros(uint32_t x)
{
    int n = 0;
    if (x == 0) return 32;
    for (int half = 16; half > 0; half >>= 1)
        if (x >> (32 - half) == 0) { n += half; x <<= half; }
    return n;
}
/* sign | the value significand * 2^(exponent - 157) rounded; significand has its top bit at 30, bit 0 is sticky. */
static uint32_t pack(uint32_t sign, int exponent, uint32_t significand)
{
    if (exponent <= 0) {
        const int right = 1 - exponent;
        significand = right > 31 ? 1u : (significand >> right) | ((significand << (32 - right)) != 0);
        exponent = 0;
    }
    const uint32_t rest = significand & 0x7fu;
    uint32_t bits = (significand >> 7) & 0x7fffffu;
    if (exponent > 0 || (significand >> 30) != 0) bits |= (uint32_t)(exponent > 0 ? exponent : 1) << 23;
    if (exponent >= 255) return sign | INFINITE;
    bits += rest > 0x40u || (rest == 0x40u && (bits & 1u));
    return sign | bits;
}
/* Splits a finite value other than 0: significand with its top bit at 30. */
static int unpack(uint32_t a, uint32_t *significand)
{
    int exponent = (int)((a >> 23) & 0xffu);
    const uint32_t fraction = a & 0x7fffffu;
    if (exponent != 0) {
        *significand = (fraction | 0x800000u) << 7;
        return exponent;
    }
    const int shift = leading_zeros(fraction) - 1;
    *significand = fraction << shift;
    return 8 - shift;
}
static int is_nan(uint32_t a) { return (a << 1) > 0xff000000u; }
uint32_t pith_fadd(uint32_t a, uint32_t b);
uint32_t pith_fadd(uint32_t a, uint32_t b)
{
    if (is_nan(a) || is_nan(b)) return QUIET_NAN;
    if ((a << 1) < (b << 1)) {
        const uint32_t t = a;
        a = b;
        b = t;
    }
    const uint32_t sign = a & 0x80000000u;
    const int subtract = (int)((a ^ b) >> 31);
    if (((a >> 23) & 0xffu) == 255u) return subtract && ((b << 1) == 0xff000000u) ? QUIET_NAN : a;
    if ((b << 1) == 0) return (a << 1) == 0 ? (a & b) : a;
    uint32_t x, y;
    int exponent = unpack(a, &x);
    const int right = exponent - unpack(b, &y);
    y = right > 31 ? 1u : right > 0 ? (y >> right) | ((y << (32 - right)) != 0) : y;
    x = subtract ? x - y : x + y;
    if (x == 0) return 0;
    const int left = leading_zeros(x) - 1;
    x = left < 0 ? (x >> 1) | (x & 1u) : x << left;
    return pack(sign, exponent - left, x);
}
uint32_t pith_fmul(uint32_t a, uint32_t b);
uint32_t pith_fmul(uint32_t a, uint32_t b)
{
    const uint32_t sign = (a ^ b) & 0x80000000u;
    if (is_nan(a) || is_nan(b)) return QUIET_NAN;
    const int has_infinity = (a << 1) == 0xff000000u || (b << 1) == 0xff000000u;
    if ((a << 1) == 0 || (b << 1) == 0) return has_infinity ? QUIET_NAN : sign;
    if (has_infinity) return sign | INFINITE;
    uint32_t x, y;
    int exponent = unpack(a, &x) + unpack(b, &y) - 127;
    /* 24 by 24 bits in 16-bit halves: x1 y1 2^32 + (x1 y0 + x0 y1) 2^16 + x0 y0, x and y having their top bit at 23. */
    x >>= 7;
    y >>= 7;
    const uint32_t x1 = x >> 16, x0 = x & 0xffffu, y1 = y >> 16, y0 = y & 0xffffu;
    const uint32_t low = x0 * y0;
    const uint32_t middle = x1 * y0 + x0 * y1 + (low >> 16);
    /* The product is in [2^46, 2^48); its top 31 bits and whether any bit is below them. */
    uint32_t product = (x1 * y1 << 15) + (middle >> 1);
    product |= ((middle & 1u) | (low & 0xffffu)) != 0;
    if (product >> 30) exponent++;
    else product <<= 1;
    return pack(sign, exponent, product);
}
uint32_t pith_fdiv(uint32_t a, uint32_t b);
uint32_t pith_fdiv(uint32_t a, uint32_t b)
{
    const uint32_t sign = (a ^ b) & 0x80000000u;
    if (is_nan(a) || is_nan(b)) return QUIET_NAN;
    const int a_infinite = (a << 1) == 0xff000000u, b_infinite = (b << 1) == 0xff000000u;
    if (a_infinite) return b_infinite ? QUIET_NAN : sign | INFINITE;
    if (b_infinite) return sign;
    if ((b << 1) == 0) return (a << 1) == 0 ? QUIET_NAN : sign | INFINITE;
    if ((a << 1) == 0) return sign;
    uint32_t x, y;
    int exponent = unpack(a, &x) - unpack(b, &y) + 127;
    if (x < y) {
        x <<= 1;
        exponent--;
    }
    uint32_t quotient = 0;
    for (int bit = 30; bit >= 0; bit--) {
        if (x >= y) {
            x -= y;
            quotient |= 1u << bit;
        }
        x <<= 1;
    }
    return pack(sign, exponent, quotient | (x != 0));
}
uint32_t pith_ui2f(uint32_t x);
uint32_t pith_ui2f(uint32_t x)
{
    if (x == 0) return 0;
    const int left = leading_zeros(x) - 1;
    return pack(0, 157 - left, left < 0 ? (x >> 1) | (x & 1u) : x << left);
}
uint32_t pith_i2f(int32_t x);
uint32_t pith_i2f(int32_t x)
{
    return x < 0 ? 0x80000000u | pith_ui2f(0u - (uint32_t)x) : pith_ui2f((uint32_t)x);
}
/* Toward zero; out of range saturates. */
uint32_t pith_f2uiz(uint32_t a);
uint32_t pith_f2uiz(uint32_t a)
{
    const int exponent = (int)((a >> 23) & 0xffu);
    const uint32_t significand = (a & 0x7fffffu) | 0x800000u;
    if (exponent < 127 || (a >> 31) != 0) return 0;
    if (exponent > 158) return 0xffffffffu;
    return exponent >= 150 ? significand << (exponent - 150) : significand >> (150 - exponent);
}
int32_t pith_f2iz(uint32_t a);
int32_t pith_f2iz(uint32_t a)
{
    const uint32_t size = pith_f2uiz(a & 0x7fffffffu);
    if (a >> 31) return size > 0x80000000u ? INT32_MIN : (int32_t)(0u - size);
    return size > 0x7fffffffu ? INT32_MAX : (int32_t)size;
}
#define DOUBLE_QUIET_NAN 0x7ff8000000000000u
#define DOUBLE_INFINITE 0x7ff0000000000000u
/* Splits a finite value other than 0, without its sign: the significand with its top bit at 52 takes its place. */
static int unpack_double(uint64_t *a)
{
    int exponent = (int)(*a >> 52);
    if (exponent != 0) {
        *a = (*a & 0xfffffffffffffu) | 0x10000000000000u;
        return exponent;
    }
    for (exponent = 1; *a >> 52 == 0; exponent--) *a <<= 1;
    return exponent;
}
uint64_t pith_ddiv(uint64_t a, uint64_t b);
uint64_t pith_ddiv(uint64_t a, uint64_t b)
{
    const uint64_t sign = (a ^ b) & 0x8000000000000000u;
    a &= 0x7fffffffffffffffu;
    b &= 0x7fffffffffffffffu;
    if (a > DOUBLE_INFINITE || b > DOUBLE_INFINITE) return DOUBLE_QUIET_NAN;
    if (a == DOUBLE_INFINITE) return b == DOUBLE_INFINITE ? DOUBLE_QUIET_NAN : sign | DOUBLE_INFINITE;
    if (b == 0) return a == 0 ? DOUBLE_QUIET_NAN : sign | DOUBLE_INFINITE;
    if (a == 0 || b == DOUBLE_INFINITE) return sign;
    int exponent = unpack_double(&a);
    exponent += 1023 - unpack_double(&b);
    if (a < b) {
        a <<= 1;
        exponent--;
    }
    /* 55 bits, two of them to round by; bit 0 is sticky. */
    uint64_t quotient = 0;
    for (int i = 0; i < 55; i++) {
        quotient <<= 1;
        if (a >= b) {
            a -= b;
            quotient |= 1u;
        }
        a <<= 1;
    }
    quotient |= a != 0;
    if (exponent >= 2047) return sign | DOUBLE_INFINITE;
    if (exponent <= 0) {
        const int right = 1 - exponent;
        quotient = right > 55 ? 1u : (quotient >> right) | ((quotient << (64 - right)) != 0);
        exponent = 1;
    }
    const uint32_t rest = (uint32_t)quotient & 3u;
    const uint64_t bits = ((uint64_t)(exponent - 1) << 52) + (quotient >> 2);
    return sign | (bits + (rest > 2u || (rest == 2u && (bits & 1u))));
}
`;

/** Names of the Arm run-time ABI (RTABI32, 4.1.2): floats in integer registers, as the functions above take them. */
export const SOFT_FLOAT_AEABI_C = `${SOFT_FLOAT_C}
uint32_t __aeabi_fadd(uint32_t, uint32_t) __attribute__((alias("pith_fadd")));
uint32_t __aeabi_fmul(uint32_t, uint32_t) __attribute__((alias("pith_fmul")));
uint32_t __aeabi_fdiv(uint32_t, uint32_t) __attribute__((alias("pith_fdiv")));
uint32_t __aeabi_ui2f(uint32_t) __attribute__((alias("pith_ui2f")));
uint32_t __aeabi_i2f(int32_t) __attribute__((alias("pith_i2f")));
uint32_t __aeabi_f2uiz(uint32_t) __attribute__((alias("pith_f2uiz")));
int32_t __aeabi_f2iz(uint32_t) __attribute__((alias("pith_f2iz")));
uint64_t __aeabi_ddiv(uint64_t, uint64_t) __attribute__((alias("pith_ddiv")));
uint32_t __aeabi_fsub(uint32_t a, uint32_t b);
uint32_t __aeabi_fsub(uint32_t a, uint32_t b) { return pith_fadd(a, b ^ 0x80000000u); }
uint32_t __aeabi_frsub(uint32_t a, uint32_t b);
uint32_t __aeabi_frsub(uint32_t a, uint32_t b) { return pith_fadd(b, a ^ 0x80000000u); }
`;
