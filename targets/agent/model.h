/* The active model: runs in place from its slot. */
#ifndef PITH_MODEL_H
#define PITH_MODEL_H

#include <stdint.h>

#include "abi.h"
#include "image.h"

typedef struct {
  int loaded;
  uint32_t slot;
  pith_image image;
  const pith_descriptor *d;
  uint32_t input_bytes;
  uint32_t output_bytes;
  uint32_t received; /* input bytes written since the last inference */
  int fresh;         /* reset the state before every inference */
} pith_model;

/* Binds a checked image and initializes it. PITH_OK or a status. */
int pith_model_load(pith_model *m, uint32_t slot, const pith_image *image);
/* Runs the image's self-test vectors; state and monitors are fresh afterwards. PITH_OK or PITH_IMAGE_SELFTEST. */
int pith_model_self_test(pith_model *m);

/* Inputs and outputs as one byte string, in table order. */
void pith_model_write_input(pith_model *m, uint32_t offset, const uint8_t *from, uint32_t bytes);
/* Copies output bytes [offset, offset + bytes) to `to`. */
void pith_model_read_output(const pith_model *m, uint32_t offset, uint8_t *to, uint32_t bytes);

int32_t pith_model_infer(pith_model *m);
/* One step and the CRC-32 of its output, for comparison with the host; the monitors stay as they were. */
int32_t pith_model_probe(const pith_model *m, uint32_t index, uint32_t *crc);
void pith_model_reset_state(pith_model *m);
void pith_model_reset_monitors(pith_model *m);

/* The monitors as counters, and the agent's copies behind the model's RAM. */
uint32_t pith_model_words(const pith_model *m);
uint32_t *pith_model_counters(const pith_model *m);
uint32_t *pith_model_acknowledged(const pith_model *m);
uint32_t *pith_model_pending(const pith_model *m);

#endif
