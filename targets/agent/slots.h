/* Which slot runs: boot decision, test, confirm, revert. No swap, ever. */
#ifndef PITH_SLOTS_H
#define PITH_SLOTS_H

#include "model.h"
#include "selector.h"

typedef struct {
  pith_selector selector;
  pith_model model;
} pith_slots;

/* Decides and loads the model to run; called once after a reset. */
void pith_slots_boot(pith_slots *s);
/* The slot that an upload may use, or PITH_SLOT_NONE. */
uint32_t pith_slots_free(const pith_slots *s);
/* Parses and checks the image in a slot. PITH_OK or a status. */
int pith_slots_check(const pith_slots *s, uint32_t slot, pith_image *image);
/* The slot becomes pending: it is tried at the next reset. */
int pith_slots_test(pith_slots *s, uint32_t slot);
/* The running image becomes permanent; its security counter becomes the board's. */
int pith_slots_confirm(pith_slots *s);
/* A pending slot is pending no more. */
int pith_slots_cancel(pith_slots *s);

#endif
