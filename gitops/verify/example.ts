import type { CatalogueTool, ValueSchema } from './catalogue';
import type { McpTool } from './mcp-client';

/** Inputs to call a tool with, and whether its author gave them; or why it is better not called. */
export type Example =
  | { readonly inputs: Readonly<Record<string, unknown>>; readonly isGiven: boolean }
  | { readonly reason: string };

/**
 * Whether a tool may be called to see that it works, and with what: the first example of its input schema, else the
 * smallest inputs that fit. Only a tool that says that it is read-only, or that the caller names, is called.
 * @param mcpTool the same tool as MCP tells of it. @default - not known
 */
export function exampleOf(tool: CatalogueTool, isAllowed: boolean, mcpTool?: McpTool): Example {
  const isReadOnly = tool.metadata?.behavior?.read_only === true || mcpTool?.annotations?.readOnlyHint === true;
  if (!isReadOnly && !isAllowed) return { reason: 'does not say that it is read-only' };
  const { authorization, secrets, metadata } = tool.requirements ?? {};
  if (authorization) return { reason: "needs a person's authorization" };
  if (secrets?.length) return { reason: 'needs secrets' };
  if (metadata?.length) return { reason: 'needs metadata' };
  const [given] = mcpTool?.inputSchema?.examples ?? [];
  if (given !== undefined) return { inputs: given, isGiven: true };
  const required = tool.input.parameters.filter((parameter) => parameter.required);
  return {
    inputs: Object.fromEntries(required.map(({ name, value_schema }) => [name, smallest(value_schema)])),
    isGiven: false,
  };
}

function smallest({ val_type, enum: choices, properties, required_keys }: ValueSchema): unknown {
  switch (val_type) {
    case 'array':
      return [];
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return 1;
    case 'json':
      return Object.fromEntries(
        (required_keys ?? []).flatMap((key) => {
          const member = properties?.[key];
          return member === undefined ? [] : [[key, smallest(member)]];
        }),
      );
    default:
      return choices?.[0] ?? 'verify';
  }
}
