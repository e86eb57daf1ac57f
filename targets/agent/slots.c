#include "slots.h"

#include "commands.h"
#include "port.h"
#include "upload.h"

int pith_slots_check(const pith_slots *s, uint32_t slot, pith_image *image) {
  const int status = pith_image_parse(pith_port_flash(pith_port_board()->slot[slot]), pith_slot_capacity(), image);
  return status == PITH_OK ? pith_image_check(image, s->selector.counter) : status;
}

static int load(pith_slots *s, uint32_t slot) {
  pith_image image;
  const int status = pith_slots_check(s, slot, &image);
  return status == PITH_OK ? pith_model_load(&s->model, slot, &image) : status;
}

/* Where the flash does not take the record, memory says again what the flash does. */
static int write(pith_slots *s) {
  if (pith_selector_write(&s->selector) == 0) return PITH_OK;
  pith_selector_read(&s->selector);
  return PITH_FLASH;
}

static void end_trial(pith_slots *s, int refused) {
  s->selector.trial = PITH_SLOT_NONE;
  s->selector.trial_state = PITH_TRIAL_NONE;
  s->selector.refused = (uint8_t)refused;
}

/* The pending image: checks, self-test, and only then the record that lets it run, unconfirmed. */
static int try_pending(pith_slots *s) {
  int status = load(s, s->selector.trial);
  if (status == PITH_OK) status = pith_model_self_test(&s->model);
  if (status == PITH_OK) {
    s->selector.trial_state = PITH_TRIAL_RUNNING;
    s->selector.refused = 0;
    status = write(s);
  }
  if (status != PITH_OK) s->model.loaded = 0;
  return status;
}

void pith_slots_boot(pith_slots *s) {
  pith_selector_read(&s->selector);
  s->model.loaded = 0;
  const int trial = s->selector.trial < 2;
  if (trial && s->selector.trial_state == PITH_TRIAL_PENDING) {
    /* Leave "running" behind before the first foreign instruction: a crash or a cut in the self-test reverts. */
    s->selector.trial_state = PITH_TRIAL_RUNNING;
    s->selector.refused = PITH_IMAGE_SELFTEST;
    if (write(s) == PITH_OK) {
      const int status = try_pending(s);
      if (status == PITH_OK) return;
      end_trial(s, status);
      (void)write(s);
    }
  } else if (trial) {
    /* A reset without confirm goes back; `refused` keeps what the trial left. */
    end_trial(s, s->selector.refused);
    (void)write(s);
  }
  if (s->selector.confirmed < 2 && load(s, s->selector.confirmed) != PITH_OK) s->model.loaded = 0;
}

uint32_t pith_slots_free(const pith_slots *s) {
  for (uint32_t slot = 0; slot < 2; slot++) {
    const int running = s->model.loaded && s->model.slot == slot;
    const int on_trial = s->selector.trial == slot && s->selector.trial_state == PITH_TRIAL_RUNNING;
    if (!running && !on_trial && s->selector.confirmed != slot) return slot;
  }
  return PITH_SLOT_NONE;
}

int pith_slots_cancel(pith_slots *s) {
  if (s->selector.trial_state != PITH_TRIAL_PENDING) return PITH_OK;
  end_trial(s, 0);
  return write(s);
}

int pith_slots_test(pith_slots *s, uint32_t slot) {
  pith_image image;
  if (s->selector.trial_state == PITH_TRIAL_RUNNING) return PITH_SLOT_BUSY;
  /* What runs and is permanent has nothing to prove, and a trial of it could not end. */
  if (s->model.loaded && s->model.slot == slot && s->selector.confirmed == slot) return pith_slots_cancel(s);
  const int status = pith_slots_check(s, slot, &image);
  if (status != PITH_OK) return status;
  s->selector.trial = (uint8_t)slot;
  s->selector.trial_state = PITH_TRIAL_PENDING;
  s->selector.refused = 0;
  return write(s);
}

int pith_slots_confirm(pith_slots *s) {
  if (!s->model.loaded) return PITH_NO_MODEL;
  if (s->selector.confirmed == s->model.slot) return PITH_OK;
  if (s->selector.trial_state != PITH_TRIAL_RUNNING || s->selector.trial != s->model.slot) return PITH_NOT_PENDING;
  s->selector.confirmed = (uint8_t)s->model.slot;
  if (s->model.image.counter > s->selector.counter) s->selector.counter = s->model.image.counter;
  end_trial(s, 0);
  return write(s);
}
