/** How to load each tool's file, by its name in the source. The build writes it. */
export type ToolFiles = Readonly<Record<string, () => { readonly default?: unknown }>>;

/**
 * Loads every tool file. One without a default export is undefined here.
 * @throws Error that names each tool whose file throws, with what it threw
 */
export function readToolFiles(files: ToolFiles): ReadonlyMap<string, unknown> {
  const mistakes: string[] = [];
  const causes: unknown[] = [];
  const tools = Object.entries(files).map(([name, load]): [string, unknown] => {
    try {
      return [name, load().default];
    } catch (cause) {
      mistakes.push(`  ${name}: its file cannot be run: ${cause instanceof Error ? cause.message : String(cause)}`);
      causes.push(cause);
      return [name, undefined];
    }
  });
  if (mistakes.length === 0) return new Map(tools);
  throw new Error(`Cannot load the tools:\n${mistakes.join('\n')}`, { cause: causes[0] });
}
