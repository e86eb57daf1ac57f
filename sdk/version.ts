/** The package's version; a test compares it with package.json. */
export const version = "0.1.0";

/** Version of the kernel library's numerics: raised whenever a kernel's output bits change. */
export const kernelVersion = 1;
