/**
 * The bare-metal program that runs a payload in an emulator. It reads job.bin and writes out.bin by semihosting, so that
 * it is built once for a board and runs any model. u32 little-endian words:
 *
 *     job.bin   vectors, ram bytes, input bytes, payload bytes, whether init runs before every vector (0 or 1);
 *               payload, padding to 16, inputs of all vectors
 *     out.bin   ticks of: the short loop, the long loop, an empty call, init, infer; untouched stack; ticks of each
 *               step; outputs of all vectors; output of each step of the first vector
 */
import type { Emulator, Region } from "./emulators.ts";

export const HEADER_WORDS = 6;
const JOB_WORDS = 5;
/** The painted stack on which every call of the model runs. */
export const STACK_BYTES = 16384;
/** Instructions of the two loops that check what a tick is. */
export const CALIBRATION = [100_000, 1_000_000] as const;
/** The payload is put this far from a multiple of 4096, a multiple of its alignment and of nothing larger. */
const DISPLACEMENT = 0x10;

export function harnessLinkerScript({ code, ram, bulk }: Emulator): string {
  const region = (name: string, { origin, bytes }: Region) =>
    `    ${name} (rwx) : ORIGIN = 0x${origin.toString(16)}, LENGTH = 0x${bytes.toString(16)}`;
  return `MEMORY
{
${region("CODE", code)}
${region("RAM", ram)}
${region("BULK", bulk)}
}
SECTIONS
{
    .text : { KEEP(*(.vectors)) *(.text*) *(.rodata*) } > CODE
    .bss (NOLOAD) : { *(.bss*) *(.sbss*) *(COMMON) } > RAM
    bulk_start = ORIGIN(BULK);
    bulk_end = ORIGIN(BULK) + LENGTH(BULK);
    ram_end = ORIGIN(RAM) + LENGTH(RAM);
    /DISCARD/ : { *(.ARM.exidx* .ARM.extab* .comment .note* .eh_frame*) }
}
`;
}

/** Each has `timer_start()`, and `elapsed(start())` in ticks. */
const TIMERS: Readonly<Record<Emulator["timer"]["kind"], (base: string) => string>> = {
  // Counts down from its reload value.
  cmsdk: (base) => `#define TIMER ((volatile uint32_t *)${base})
static void timer_start(void) { TIMER[2] = 0xffffffffu; TIMER[1] = 0xffffffffu; TIMER[0] = 1; }
#define START() (TIMER[1])
#define ELAPSED(start) ((start) - TIMER[1])`,
  systick: (base) => `#define TIMER ((volatile uint32_t *)${base})
static void timer_start(void) { TIMER[1] = 0xffffffu; TIMER[2] = 0; TIMER[0] = 5; }
#define START() (TIMER[2])
#define ELAPSED(start) (((start) - TIMER[2]) & 0xffffffu)`,
  // Counts up; a capture task copies the counter to CC[0].
  nrf51: (base) => `#define TIMER(offset) (*(volatile uint32_t *)(${base} + (offset)))
static void timer_start(void) { TIMER(0x508) = 3; TIMER(0x510) = 0; TIMER(0x00c) = 1; TIMER(0x000) = 1; }
#define START() (TIMER(0x040) = 1, TIMER(0x540))
#define ELAPSED(start) (TIMER(0x040) = 1, TIMER(0x540) - (start))`,
  minstret: () => `static void timer_start(void) { }
static inline uint32_t minstret(void) { uint32_t r; __asm__ volatile("csrr %0, minstret" : "=r"(r) :: "memory"); return r; }
#define START() minstret()
#define ELAPSED(start) (minstret() - (start))`,
};

const ARM_PORT = `static uint32_t semihost(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

/* Calls f(argument, i) on another stack. */
__attribute__((naked)) static int32_t on_stack(void *argument, int32_t i, uint32_t f, uint32_t *top)
{
    (void)argument; (void)i; (void)f; (void)top;
    __asm__ volatile(".syntax unified\\n push {r4, lr}\\n mov r4, sp\\n mov sp, r3\\n blx r2\\n mov sp, r4\\n pop {r4, pc}");
}

__attribute__((naked)) static int32_t nothing(void) { __asm__ volatile(".syntax unified\\n movs r0, #0\\n bx lr"); }

/* 2 n instructions. */
static void loop(uint32_t n)
{
    __asm__ volatile(".syntax unified\\n1: subs %0, #1\\n bne 1b" : "+l"(n) :: "cc");
}

static void start(void);
static void fault(void);
extern uint32_t ram_end[];
__attribute__((section(".vectors"), used)) static void *const vectors[16] = {
    ram_end, (void *)start, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
    (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
};

static void core_start(void)
{
#if !defined(__ARM_ARCH_6M__)
    *(volatile uint32_t *)0xe000ed88u |= 0xfu << 20; /* CPACR: the FPU and MVE */
    *(volatile uint32_t *)0xe000ed14u |= 1u << 3;    /* CCR: unaligned accesses fault */
#endif
    __asm__ volatile("dsb\\n isb");
}`;

const RISCV_PORT = `__asm__(".option arch, +zicsr, +zifencei");

static uint32_t semihost(uint32_t operation, const void *argument)
{
    register uint32_t a0 __asm__("a0") = operation;
    register const void *a1 __asm__("a1") = argument;
    __asm__ volatile(".option push\\n.option norvc\\n.balign 16\\n slli x0, x0, 0x1f\\n ebreak\\n srai x0, x0, 7\\n.option pop"
                     : "+r"(a0) : "r"(a1) : "memory");
    return a0;
}

__attribute__((naked)) static int32_t on_stack(void *argument, int32_t i, uint32_t f, uint32_t *top)
{
    (void)argument; (void)i; (void)f; (void)top;
    __asm__ volatile("addi sp, sp, -16\\n sw ra, 12(sp)\\n sw s0, 8(sp)\\n mv s0, sp\\n mv sp, a3\\n jalr a2\\n mv sp, s0\\n"
                     "lw s0, 8(sp)\\n lw ra, 12(sp)\\n addi sp, sp, 16\\n ret");
}

__attribute__((naked)) static int32_t nothing(void) { __asm__ volatile("li a0, 0\\n ret"); }

/* 2 n instructions. */
static void loop(uint32_t n) { __asm__ volatile("1: addi %0, %0, -1\\n bnez %0, 1b" : "+r"(n)); }

static void start(void);
static void fault(void);
__attribute__((section(".vectors"), used, naked)) static void reset(void)
{
    __asm__ volatile("la sp, ram_end\\n la t0, %0\\n csrw mtvec, t0\\n tail %1" :: "i"(fault), "i"(start));
}

static void core_start(void) { }`;

export function harnessC({ command, timer }: Emulator): string {
  return `#include <stdint.h>
#include <stddef.h>

enum { RAM = 6, INIT = 9, INFER, STEP, RESET, STEPS, STEPS_AT, INPUTS, INPUTS_AT, OUTPUTS, OUTPUTS_AT };
extern uint8_t bulk_start[], bulk_end[];

${command.endsWith("riscv32") ? RISCV_PORT : ARM_PORT}

${TIMERS[timer.kind](`0x${timer.address.toString(16)}u`)}

static uint32_t stack[${STACK_BYTES / 4}] __attribute__((aligned(16)));
static uint32_t steps[1024];
static uint32_t counts[${HEADER_WORDS}];
static uint32_t untouched, kept_bytes, file;
static const uint8_t *payload;
static uint8_t *ram, *kept;

static void leave(uint32_t code)
{
    const uint32_t block[2] = { 0x20026u, code };
    semihost(0x20u, block);
    for (;;) { }
}

__attribute__((aligned(4))) static void fault(void) { leave(90); }

static void open(const char *name, uint32_t length, uint32_t mode)
{
    const uint32_t block[3] = { (uint32_t)name, mode, length };
    file = semihost(0x01u, block);
    if (file == 0xffffffffu) leave(91);
}

static void close(void)
{
    const uint32_t block[1] = { file };
    semihost(0x02u, block);
}

static void put(const void *bytes, uint32_t length)
{
    const uint32_t block[3] = { file, (uint32_t)bytes, length };
    if (length > 0 && semihost(0x05u, block) != 0) leave(91);
}

static void get(void *bytes, uint32_t length)
{
    const uint32_t block[3] = { file, (uint32_t)bytes, length };
    if (length > 0 && semihost(0x06u, block) != 0) leave(91);
}

static uint32_t field(uint32_t i) { return ((const uint32_t *)payload)[i]; }

static uint32_t timed(uint32_t f, int32_t i)
{
    for (uint32_t k = 0; k < ${STACK_BYTES / 4}; k++) stack[k] = 0xdeadbeefu;
    const uint32_t before = START();
    const int32_t status = on_stack(ram, i, f, stack + ${STACK_BYTES / 4});
    const uint32_t ticks = ELAPSED(before);
    if (status != 0) leave((uint32_t)status);
    uint32_t k = 0;
    while (k < ${STACK_BYTES / 4} && stack[k] == 0xdeadbeefu) k++;
    if (k * 4 < untouched) untouched = k * 4;
    return ticks;
}

static uint32_t calibrated(uint32_t instructions)
{
    const uint32_t before = START();
    loop(instructions / 2);
    return ELAPSED(before);
}

static uint32_t entry(uint32_t i) { return (uint32_t)payload + field(i); }

static void set_inputs(const uint8_t *from)
{
    const uint32_t *table = (const uint32_t *)(payload + field(INPUTS_AT));
    for (uint32_t i = 0; i < field(INPUTS); i++)
        for (uint32_t k = 0; k < table[2 * i + 1]; k++) ram[table[2 * i] + k] = *from++;
}

static void keep(uint32_t offset, uint32_t bytes)
{
    if (bytes > (uint32_t)(bulk_end - kept) - kept_bytes) leave(92);
    for (uint32_t k = 0; k < bytes; k++) kept[kept_bytes++] = ram[offset + k];
}

static uint8_t *align16(uint8_t *p) { return (uint8_t *)(((uint32_t)p + 15u) & ~15u); }

static void start(void)
{
    core_start();
    untouched = ${STACK_BYTES};
    kept_bytes = 0;
    uint32_t job[${JOB_WORDS}];
    open("job.bin", 7, 1);
    get(job, sizeof job);
    uint8_t *at = bulk_start + ${DISPLACEMENT};
    if (job[1] + job[3] + job[0] * job[2] + 256u > (uint32_t)(bulk_end - at)) leave(92);
    payload = at;
    uint8_t *inputs = align16(at + job[3]);
    get(at, (uint32_t)(inputs - at) + job[0] * job[2]);
    close();
    ram = align16(inputs + job[0] * job[2]);
    kept = align16(ram + job[1]);
    __asm__ volatile("${command.endsWith("riscv32") ? "fence.i" : "dsb\\n isb"}" ::: "memory");
    timer_start();
    counts[0] = calibrated(${CALIBRATION[0]}u);
    counts[1] = calibrated(${CALIBRATION[1]}u);
    counts[2] = timed((uint32_t)nothing, 0);
    untouched = ${STACK_BYTES};
    counts[3] = timed(entry(INIT), 0);
    const uint32_t *outputs = (const uint32_t *)(payload + field(OUTPUTS_AT));
    for (uint32_t v = 0; v < job[0]; v++) {
        if (job[4] != 0 && v > 0) timed(entry(INIT), 0);
        set_inputs(inputs + v * job[2]);
        const uint32_t count = timed(entry(INFER), 0);
        if (v == 0) counts[4] = count;
        for (uint32_t i = 0; i < field(OUTPUTS); i++) keep(outputs[2 * i], outputs[2 * i + 1]);
    }
    timed(entry(INIT), 0);
    set_inputs(inputs);
    if (field(STEPS) > 1024) leave(93);
    const uint32_t *table = (const uint32_t *)(payload + field(STEPS_AT));
    for (uint32_t i = 0; i < field(STEPS); i++) {
        steps[i] = timed(entry(STEP), (int32_t)i);
        keep(table[2 * i], table[2 * i + 1]);
    }
    timed(entry(RESET), 0);
    counts[5] = untouched;
    open("out.bin", 7, 5);
    put(counts, sizeof counts);
    put(steps, field(STEPS) * 4);
    put(kept, kept_bytes);
    close();
    leave(0);
}
`;
}
