/** Bare-metal program for QEMU's mps2-an386 that runs a payload and writes what it saw to out.bin by semihosting. */

/** Words before the step counts: empty call, init, infer, untouched stack. */
export const HEADER_WORDS = 4;
/** The painted stack on which every call of the model runs. */
export const STACK_BYTES = 16384;
/** The payload is put this far from where it was linked, a multiple of its alignment and of nothing larger. */
const DISPLACEMENT = 0x10;

export const HARNESS_LINKER_SCRIPT = `MEMORY
{
    FLASH (rx) : ORIGIN = 0x00000000, LENGTH = 4M
    RAM (rw) : ORIGIN = 0x20000000, LENGTH = 4M
    BULK (rw) : ORIGIN = 0x21000000, LENGTH = 16M
}
SECTIONS
{
    .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) . = ALIGN(4096); . += ${DISPLACEMENT}; KEEP(*(.payload)) . = ALIGN(16); KEEP(*(.inputs)) } > FLASH
    .bss (NOLOAD) : { *(.bss*) } > RAM
    .bulk (NOLOAD) : { *(.bulk*) } > BULK
    /DISCARD/ : { *(.ARM.exidx* .ARM.extab* .comment .note*) }
}
`;

export const HARNESS_C = `#include <stdint.h>
#include <stddef.h>

__asm__(".section .payload, \\"a\\"\\n.balign 16\\npayload: .incbin \\"payload.bin\\"\\n"
        ".section .inputs, \\"a\\"\\n.balign 16\\ninputs: .incbin \\"inputs.bin\\"\\n.text");
extern const uint8_t payload[];
extern const uint8_t inputs[];

enum { RAM = 6, INIT = 9, INFER, STEP, RESET, STEPS, STEPS_AT, INPUTS, INPUTS_AT, OUTPUTS, OUTPUTS_AT };

static uint8_t ram[RAM_BYTES] __attribute__((aligned(16), section(".bulk")));
static uint32_t stack[${STACK_BYTES / 4}] __attribute__((aligned(16)));
static uint32_t untouched = ${STACK_BYTES};

#define TIMER ((volatile uint32_t *)0x40000000u)

static uint32_t semihost(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

static void leave(uint32_t code)
{
    const uint32_t block[2] = { 0x20026u, code };
    semihost(0x20u, block);
    for (;;) { }
}

static void fault(void) { leave(90); }

static uint32_t file;
static void put(const void *bytes, uint32_t length)
{
    const uint32_t block[3] = { file, (uint32_t)bytes, length };
    if (length > 0 && semihost(0x05u, block) != 0) leave(91);
}

static uint32_t field(uint32_t i) { return ((const uint32_t *)payload)[i]; }

/* Calls f(argument, i) on the painted stack. */
__attribute__((naked)) static int32_t on_stack(void *argument, int32_t i, uint32_t f, uint32_t *top)
{
    (void)argument; (void)i; (void)f; (void)top;
    __asm__ volatile("push {r4, lr}\\n mov r4, sp\\n mov sp, r3\\n blx r2\\n mov sp, r4\\n pop {r4, pc}");
}

__attribute__((naked)) static int32_t nothing(void) { __asm__ volatile("movs r0, #0\\n bx lr"); }

static uint32_t timed(uint32_t f, int32_t i)
{
    for (uint32_t k = 0; k < ${STACK_BYTES / 4}; k++) stack[k] = 0xdeadbeefu;
    const uint32_t before = TIMER[1];
    const int32_t status = on_stack(ram, i, f, stack + ${STACK_BYTES / 4});
    const uint32_t after = TIMER[1];
    if (status != 0) leave((uint32_t)status);
    uint32_t k = 0;
    while (k < ${STACK_BYTES / 4} && stack[k] == 0xdeadbeefu) k++;
    if (k * 4 < untouched) untouched = k * 4;
    return before - after;
}

static uint32_t entry(uint32_t i) { return (uint32_t)payload + field(i); }

static void set_inputs(const uint8_t *from)
{
    const uint32_t *table = (const uint32_t *)(payload + field(INPUTS_AT));
    for (uint32_t i = 0; i < field(INPUTS); i++)
        for (uint32_t k = 0; k < table[2 * i + 1]; k++) ram[table[2 * i] + k] = *from++;
}

static uint32_t input_bytes(void)
{
    const uint32_t *table = (const uint32_t *)(payload + field(INPUTS_AT));
    uint32_t bytes = 0;
    for (uint32_t i = 0; i < field(INPUTS); i++) bytes += table[2 * i + 1];
    return bytes;
}

static uint8_t kept[1 << 22] __attribute__((section(".bulk")));
static uint32_t kept_bytes;
static void keep(uint32_t offset, uint32_t bytes)
{
    if (bytes > sizeof kept - kept_bytes) leave(92);
    for (uint32_t k = 0; k < bytes; k++) kept[kept_bytes++] = ram[offset + k];
}

static void start(void)
{
    *(volatile uint32_t *)0xe000ed88u |= 0xfu << 20; /* CPACR: the FPU */
    *(volatile uint32_t *)0xe000ed14u |= 1u << 3;    /* CCR: unaligned accesses fault */
    __asm__ volatile("dsb\\n isb");
    TIMER[2] = 0xffffffffu;
    TIMER[1] = 0xffffffffu;
    TIMER[0] = 1;
    untouched = ${STACK_BYTES};
    uint32_t counts[${HEADER_WORDS}];
    counts[0] = timed((uint32_t)nothing, 0);
    counts[1] = timed(entry(INIT), 0);
    const uint32_t *outputs = (const uint32_t *)(payload + field(OUTPUTS_AT));
    for (uint32_t v = 0; v < VECTORS; v++) {
        set_inputs(inputs + v * input_bytes());
        const uint32_t count = timed(entry(INFER), 0);
        if (v == 0) counts[2] = count;
        for (uint32_t i = 0; i < field(OUTPUTS); i++) keep(outputs[2 * i], outputs[2 * i + 1]);
    }
    timed(entry(INIT), 0);
    set_inputs(inputs);
    static uint32_t steps[1024];
    if (field(STEPS) > 1024) leave(93);
    const uint32_t *table = (const uint32_t *)(payload + field(STEPS_AT));
    for (uint32_t i = 0; i < field(STEPS); i++) {
        steps[i] = timed(entry(STEP), (int32_t)i);
        keep(table[2 * i], table[2 * i + 1]);
    }
    timed(entry(RESET), 0);
    counts[3] = untouched;
    static const char name[] = "out.bin";
    const uint32_t open[3] = { (uint32_t)name, 5, sizeof name - 1 };
    file = semihost(0x01u, open);
    put(counts, sizeof counts);
    put(steps, field(STEPS) * 4);
    put(kept, kept_bytes);
    const uint32_t close[1] = { file };
    semihost(0x02u, close);
    leave(0);
}

__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    (void *)0x20400000u, (void *)start, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
};
`;
