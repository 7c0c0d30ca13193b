import { z } from 'zod';

/** A type of a value as the engine is told of it; the members that an example needs (arcade-mcp-server 1.26.0). */
export interface ValueSchema {
  readonly val_type: string;
  readonly inner_val_type?: string | null | undefined;
  readonly enum?: readonly string[] | null | undefined;
  readonly properties?: Readonly<Record<string, ValueSchema>> | null | undefined;
  readonly required_keys?: readonly string[] | null | undefined;
}

const ValueSchema: z.ZodType<ValueSchema> = z.lazy(() =>
  z.object({
    val_type: z.string(),
    inner_val_type: z.string().nullish(),
    enum: z.array(z.string()).nullish(),
    properties: z.record(z.string(), ValueSchema).nullish(),
    required_keys: z.array(z.string()).nullish(),
  }),
);

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

/** One tool of `/worker/tools`: the members that are looked at here. */
export type CatalogueTool = z.output<typeof CatalogueTool>;

/** The catalogue of an answer, or which member is not what the engine expects. */
export function readCatalogue(json: unknown): readonly CatalogueTool[] | string {
  const { success, data, error } = z.array(CatalogueTool).safeParse(json);
  if (success) return data;
  const [issue] = error.issues;
  return `${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'unknown'}`;
}

/** The name that MCP clients and gateways know a tool by. */
export function mcpNameOf({ fully_qualified_name }: CatalogueTool): string {
  return fully_qualified_name.replaceAll('.', '_');
}

/** Whether a name that somebody typed means this tool: in any of its forms, in any case. */
export function isNamed(tool: CatalogueTool, name: string): boolean {
  const typed = name.toLowerCase();
  return [tool.name, tool.fully_qualified_name, mcpNameOf(tool)].some((form) => form.toLowerCase() === typed);
}
