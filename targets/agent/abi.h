/* Generated from sdk/compile/abi.ts by targets/agent/headers.ts; run `npm run golden` after a change. */
#ifndef PITH_ABI_H
#define PITH_ABI_H

#include <stdint.h>

#define PITH_ABI_VERSION 1u
#define PITH_KERNEL_VERSION 1u
#define PITH_DESCRIPTOR_MAGIC 0x68746970u

#define PITH_TARGET_X86_64 0x00000001u
#define PITH_TARGET_AARCH64 0x00000002u
#define PITH_TARGET_RISCV32 0x00000003u
#define PITH_TARGET_CORTEX_M0PLUS 0x00000100u
#define PITH_TARGET_CORTEX_M3 0x00000103u
#define PITH_TARGET_CORTEX_M4 0x00000104u
#define PITH_TARGET_CORTEX_M7 0x00000107u
#define PITH_TARGET_CORTEX_M33 0x00000121u
#define PITH_TARGET_CORTEX_M55 0x00000137u

/* Little-endian; the payload of an image starts with it. */
typedef struct {
  uint32_t magic; /* 0x68746970 */
  uint32_t abi; /* ABI version, 1 */
  uint32_t descriptor_bytes; /* size of this descriptor */
  uint32_t image_bytes; /* size of the whole payload, descriptor included */
  uint32_t target; /* a TARGETS id: the core, float ABI and features that the code was compiled for */
  uint32_t kernel_version; /* version of the kernel library */
  uint32_t ram_bytes; /* arena and state */
  uint32_t ram_alignment; /* 16 */
  uint32_t stack_bytes; /* bound of the deepest call, one exception frame included */
  uint32_t init_offset; /* function */
  uint32_t infer_offset; /* function */
  uint32_t step_offset; /* function */
  uint32_t monitors_reset_offset; /* function */
  uint32_t step_count; /* number of steps */
  uint32_t steps_offset; /* table of stepCount × { u32 output offset in ram, u32 bytes } */
  uint32_t input_count; /* number of inputs */
  uint32_t inputs_offset; /* table of inputCount × { u32 offset in ram, u32 bytes } */
  uint32_t output_count; /* number of outputs */
  uint32_t outputs_offset; /* table of outputCount × { u32 offset in ram, u32 bytes } */
  uint32_t state_offset; /* in ram */
  uint32_t state_bytes; /* monitors included */
  uint32_t monitors_offset; /* in ram */
  uint32_t monitors_bytes; /* 0 where the model has none */
  uint32_t self_test_count; /* number of self-test vectors */
  uint32_t self_test_offset; /* table of selfTestCount × { u32 seed, u32 CRC-32 of all outputs in order } */
  uint32_t manifest_hash; /* first 4 bytes of the SHA-256 of the manifest, little-endian */
  uint32_t reserved0; /* 0 */
  uint32_t reserved1; /* 0 */
} pith_descriptor;

/* A row of the step, input and output tables. */
typedef struct {
  uint32_t offset; /* in ram */
  uint32_t bytes;
} pith_span;

/* A row of the self-test table. */
typedef struct {
  uint32_t seed;
  uint32_t crc;
} pith_self_test;

#endif
