import { z } from 'zod';

const ValueSchema = z.object({
  val_type: z.string(),
  enum: z.array(z.string()).nullish(),
  get properties() {
    return z.record(z.string(), ValueSchema).nullish();
  },
  required_keys: z.array(z.string()).nullish(),
});

/** The type of a value in the catalogue: the members that an example needs (arcade-mcp-server 1.26.0). */
export type ValueSchema = z.output<typeof ValueSchema>;

const CatalogueTool = z.object({
  name: z.string(),
  fully_qualified_name: z.string(),
  toolkit: z.object({ name: z.string(), version: z.string().nullish() }),
  input: z.object({
    parameters: z.array(z.object({ name: z.string(), required: z.boolean(), value_schema: ValueSchema })),
  }),
  requirements: z
    .object({
      authorization: z.unknown().optional(),
      secrets: z.array(z.unknown()).nullish(),
      metadata: z.array(z.unknown()).nullish(),
    })
    .nullish(),
  metadata: z.object({ behavior: z.object({ read_only: z.boolean().nullish() }).nullish() }).nullish(),
});

/** One tool of `/worker/tools`: the members that verify uses, and the raw entry. */
export type CatalogueTool = z.output<typeof CatalogueTool> & { readonly raw: object };

/** Parses a catalogue. @returns a sentence naming the first member that the engine would reject */
export function readCatalogue(json: unknown): readonly CatalogueTool[] | string {
  const { success, data, error } = z.array(z.looseObject({})).safeParse(json);
  const tools = z.array(CatalogueTool).safeParse(json);
  if (success && tools.success) return tools.data.map((tool, index) => ({ ...tool, raw: data[index] ?? {} }));
  const [issue] = (tools.error ?? error)?.issues ?? [];
  return `${issue?.path.join('.') || 'the list'}: ${issue?.message ?? 'unknown'}`;
}

/** What a tool is called. */
type ToolName = Pick<CatalogueTool, 'name' | 'fully_qualified_name' | 'toolkit'>;

/** The name of a tool for MCP clients and gateways. */
export function mcpNameOf({ fully_qualified_name }: ToolName): string {
  return fully_qualified_name.replaceAll('.', '_');
}

/** The name qualified by the toolkit, whatever separator the worker uses. */
export function qualifiedNameOf({ name, toolkit }: ToolName): string {
  return `${toolkit.name}.${name}`;
}

/** Whether a name refers to this tool, in any of its forms and in any case. */
export function isNamed(tool: ToolName, name: string): boolean {
  const forms = [tool.name, qualifiedNameOf(tool), tool.fully_qualified_name, mcpNameOf(tool)];
  return forms.some((form) => form.toLowerCase() === name.toLowerCase());
}

/** The names that only one of the lists has, as clauses of a sentence. Empty when the lists agree. */
export function differences(wanted: readonly string[], found: readonly string[]): readonly string[] {
  const missing = wanted.filter((name) => !found.includes(name)).join(', ');
  const extra = found.filter((name) => !wanted.includes(name)).join(', ');
  return [missing && `missing: ${missing}`, extra && `not expected: ${extra}`].filter(Boolean);
}

/** Joins names for one line: the first eight, and how many more there are. */
export function list(names: readonly string[]): string {
  return names.length <= 8 ? names.join(', ') : `${names.slice(0, 8).join(', ')} and ${names.length - 8} more`;
}
