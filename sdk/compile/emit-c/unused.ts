/**
 * Takes out temporaries (t1) and meeting variables (r1) that nothing reads, so that the C has no warnings. A
 * temporary's expression stays as a statement, since it may call or trap; values that meet are pure by then.
 */
export function dropUnused(lines: readonly string[]): string[] {
  let kept = [...lines];
  for (;;) {
    const reads = new Map<string, number>();
    for (const line of kept)
      for (const [name] of withoutTarget(line).matchAll(/\b[tr]\d+\b/g)) reads.set(name, (reads.get(name) ?? 0) + 1);
    const next = kept.flatMap((line) => {
      const target = /^\s*(?:const )?(?:(?:u32|u64|f32|f64|v128) )?([tr]\d+)(?: = (.*))?;$/.exec(line);
      if (!target || reads.has(target[1]!)) return [line];
      if (target[1]!.startsWith("r")) return [];
      return [line.replace(/const \w+ t\d+ = (.*);$/, "(void)($1);")];
    });
    if (next.join("\n") === kept.join("\n")) return next;
    kept = next;
  }
}

/** The line without the variable that it declares or assigns. */
function withoutTarget(line: string): string {
  return line.replace(/^\s*(?:const )?(?:(?:u32|u64|f32|f64|v128) )?[tr]\d+(?: =|;)/, "");
}
